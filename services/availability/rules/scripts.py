"""What a script may be, what its steps ask, and whether an answer is as expected (6-b)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from chassis.refusals import Pointer
from services.availability.model.probes import (
    OWN,
    Answer,
    Expectation,
    Extract,
    Fault,
    Outcome,
    Script,
    Step,
    StepResult,
    TargetText,
)
from services.availability.refusals.probes import ConfirmationImpossible, ScriptUnusable, TargetDoesNotLogIn
from services.availability.rules.exclusions import counts

PLACEHOLDER = re.compile(r"\{\{(?:(secret|totp):)?([a-z][a-z0-9_]*)\}\}", re.ASCII)
EXCERPT = 200
MAX_VALUE = 4_000
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Asked:
    """A step's request with its values in their places."""

    url: str
    headers: Mapping[str, str]
    form: Mapping[str, str] | None
    body: bytes | None


class ValueUnusable(ValueError):
    """A value that cannot stand where the script puts it; the message names it, and does not show it."""


def is_available(steps: Iterable[StepResult]) -> Outcome:
    """6-b: available means that one can reach the service and log in to it: every step was as expected. A
    fault of the prober's own says nothing of the service.
    """
    faults = [step.fault for step in steps if step.fault is not None]
    if not faults:
        return Outcome.up
    return Outcome.prober_fault if OWN.issuperset(faults) else Outcome.down


def may_watch(target: TargetText, secrets: Iterable[str]) -> None:
    """6-b: what counts is watched by logging in. Refuses what is not, and a script that cannot be run: its
    names are not known, its addresses not HTTP, or it may take longer than its rhythm.
    """
    script, watch = target.script, target.watch
    if counts(target.environment) and not any(step.logs_in for step in script.steps):
        raise TargetDoesNotLogIn
    if not 1 <= watch.places_needed <= len(set(watch.places)):
        raise ConfirmationImpossible(f"{watch.places_needed} of {len(set(watch.places))}.")
    faults = [*_faults_of(script, frozenset(secrets))]
    if script.timeout_ms >= watch.interval_seconds * 1000:
        faults.append(Pointer("/script/timeout_ms", "longer than the time between two runs"))
    if faults:
        raise ScriptUnusable(errors=faults)


def _faults_of(script: Script, secrets: frozenset[str]) -> Iterator[Pointer]:
    variables: set[str] = set()
    for number, step in enumerate(script.steps):
        place = f"/script/steps/{number}"
        unknown = [
            name
            for kind, name in named_in(step)
            if name not in (secrets if kind in ("secret", "totp") else variables)
        ]
        if unknown:
            yield Pointer(place, f"names what is not there: {', '.join(sorted(set(unknown)))}")
        if not _is_http(step.url):
            yield Pointer(f"{place}/url", "no address of http or https with a host of its own")
        if step.json is not None and not _is_json(step.json):
            yield Pointer(f"{place}/json", "no JSON text")
        if step.json is not None and step.form is not None:
            yield Pointer(place, "either a form or a JSON body")
        variables.update(one.variable for one in step.extract)


def _is_http(url: str) -> bool:
    """Whether it is an http address whose host is written out: a value never chooses the host."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it raises for what is no port
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and bool(host) and not PLACEHOLDER.search(parts.netloc)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def named_in(step: Step) -> Iterator[tuple[str, str]]:
    """The placeholders of a step: kind (`secret`, `totp` or empty) and name."""
    texts = [step.url, *step.headers.values(), *(step.form or {}).values(), step.json or ""]
    for text in texts:
        for found in PLACEHOLDER.finditer(text):
            yield found.group(1) or "", found.group(2)


def asked_by(step: Step, values: Mapping[tuple[str, str], str]) -> Asked:
    """The step's request, its placeholders filled. Raises ValueUnusable."""

    def filled(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: values[found.group(1) or "", found.group(2)], text)

    def in_address(found: re.Match[str]) -> str:
        return quote(values[found.group(1) or "", found.group(2)], safe="")

    headers = {name: filled(text) for name, text in step.headers.items()}
    for name, text in headers.items():
        if any(ord(letter) < 32 or ord(letter) > 255 for letter in text):
            raise ValueUnusable(name)
    form = None if step.form is None else {name: filled(text) for name, text in step.form.items()}
    body = None
    if step.json is not None:
        body = json.dumps(_filled(json.loads(step.json), filled)).encode()
        headers = {"Content-Type": "application/json", **headers}
    return Asked(PLACEHOLDER.sub(in_address, step.url), headers, form, body)


def _filled(tree: Any, filled: Any) -> Any:
    if isinstance(tree, str):
        return filled(tree)
    if isinstance(tree, list):
        return [_filled(part, filled) for part in tree]
    if isinstance(tree, dict):
        return {name: _filled(part, filled) for name, part in tree.items()}
    return tree


def fault_in(answer: Answer, expect: Expectation) -> tuple[Fault, str] | None:
    """The first thing about an answer that is not as expected, and what of it; None when all is."""
    if answer.status not in expect.status:
        return Fault.status, f"answered {answer.status}"
    if (expect.contains or expect.json) and answer.headers.get("content-encoding", "identity") != "identity":
        return Fault.body_encoded, "the answer is compressed, which was not asked for"
    text = answer.body.decode(errors="replace")
    for wanted in expect.contains:
        if wanted not in text:
            return Fault.text_missing, f"does not contain {wanted!r}"
    if expect.json:
        return _json_fault(answer, expect)
    return None


def _json_fault(answer: Answer, expect: Expectation) -> tuple[Fault, str] | None:
    tree = _tree_of(answer)
    if tree is _MISSING:
        return Fault.json_differs, "the answer is no JSON, or more than is read"
    for wanted in expect.json:
        found = at_pointer(tree, wanted.pointer)
        if type(found) is not type(wanted.equals) or found != wanted.equals:
            return Fault.json_differs, f"another value at {wanted.pointer!r}"
    return None


def extracted(answer: Answer, wanted: Iterable[Extract]) -> dict[str, str] | str:
    """The values that later steps need; the name of the first that is not there."""
    found: dict[str, str] = {}
    for one in wanted:
        value = _extract(answer, one)
        if value is None or len(value) > MAX_VALUE:
            return one.variable
        found[one.variable] = value
    return found


def _extract(answer: Answer, wanted: Extract) -> str | None:
    if wanted.pointer is not None:
        value = at_pointer(_tree_of(answer), wanted.pointer)
        is_scalar = isinstance(value, str | int) and not isinstance(value, bool)
        return str(value) if is_scalar else None
    text: str | None = answer.body.decode(errors="replace")
    if wanted.header is not None:
        text = answer.headers.get(wanted.header.lower())
    return None if text is None else _between(text, wanted.after or "", wanted.before or "")


def _between(text: str, after: str, before: str) -> str | None:
    start = text.find(after)
    if start < 0:
        return None
    start += len(after)
    end = text.find(before, start) if before else len(text)
    return None if end < 0 else text[start:end]


def _tree_of(answer: Answer) -> Any:
    try:
        return _MISSING if answer.cut else json.loads(answer.body)
    except (ValueError, RecursionError):
        return _MISSING


def at_pointer(tree: Any, pointer: str) -> Any:
    """What stands at an RFC 6901 pointer; an object of its own when nothing does."""
    for part in pointer.split("/")[1:] if pointer else []:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(tree, dict) and name in tree:
            tree = tree[name]
        elif isinstance(tree, list) and name.isascii() and name.isdigit() and int(name) < len(tree):
            tree = tree[int(name)]
        else:
            return _MISSING
    return tree


def excerpt(body: bytes, hidden: Iterable[str]) -> str:
    """The beginning of an answer as it may be kept: one printable line, with what is secret taken out, also
    where the answer repeats it as an address, JSON or HTML writes it.
    """
    text = body.decode(errors="replace")
    forms = {form for secret in hidden if secret for form in _forms_of(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "•••")
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(line.split())[:EXCERPT]


def _forms_of(secret: str) -> set[str]:
    as_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), escape(secret), *as_json}
