"""What a script may be, what its steps ask, and whether an answer is as expected."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.availability.model.probes import (
    Answer,
    Expectation,
    Extract,
    Fault,
    JsonValue,
    Method,
    Outcome,
    Script,
    Step,
    StepResult,
    TargetText,
    Watch,
)
from services.availability.refusals.probes import ConfirmationImpossible, ScriptUnusable, TargetDoesNotLogIn
from services.availability.rules.scripts import (
    ValueUnusable,
    asked_by,
    at_pointer,
    excerpt,
    extracted,
    fault_in,
    is_available,
    may_watch,
)

LOGIN = Step(
    "log in",
    "https://portal.example/login",
    Method.post,
    form={"user": "probe", "password": "{{secret:password}}"},
    logs_in=True,
)
PORTAL = TargetText("Portal", Script((LOGIN,)), Watch(("paris",)))


def answer(body: object = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, headers or {}, content)


def pointed(target: TargetText, secrets: tuple[str, ...] = ("password",)) -> list[str]:
    with pytest.raises(ScriptUnusable) as refused:
        may_watch(target, secrets)
    return [each.pointer for each in refused.value.errors]


def with_steps(*steps: Step) -> TargetText:
    return replace(PORTAL, script=Script(steps))


def test_what_counts_is_watched_by_logging_in() -> None:
    may_watch(PORTAL, ["password"])
    reached = with_steps(replace(LOGIN, logs_in=False))
    with pytest.raises(TargetDoesNotLogIn):
        may_watch(reached, ["password"])
    may_watch(replace(reached, environment="test"), ["password"])


def test_a_script_names_only_secrets_that_are_there_and_values_found_before() -> None:
    assert pointed(PORTAL, ()) == ["/script/steps/0"]
    finds = Step("page", "https://portal.example/", extract=(Extract("csrf", pointer="/csrf"),))
    uses = replace(LOGIN, headers={"X-Csrf": "{{csrf}}"})
    may_watch(with_steps(finds, uses), ["password"])
    assert pointed(with_steps(uses, finds)) == ["/script/steps/0"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://portal.example/",
        "portal.example",
        "https:///login",
        "https://{{host}}/",
        "http://a:99999/",
        "file:///etc/passwd",
    ],
)
def test_an_address_is_http_with_its_host_written_out(url: str) -> None:
    finds = Step("page", "https://portal.example/", extract=(Extract("host", pointer="/h"),))
    assert pointed(with_steps(finds, replace(LOGIN, url=url)))[-1] == "/script/steps/1/url"


def test_a_body_is_a_form_or_a_json_text() -> None:
    assert pointed(with_steps(replace(LOGIN, json="{}"))) == ["/script/steps/0"]
    assert pointed(with_steps(replace(LOGIN, form=None, json="{"))) == ["/script/steps/0/json"]


def test_a_run_takes_less_than_its_rhythm() -> None:
    assert pointed(replace(PORTAL, script=Script((LOGIN,), timeout_ms=30_000))) == ["/script/timeout_ms"]


@pytest.mark.parametrize(("places", "needed"), [(("paris",), 2), (("paris", "paris"), 2), (("paris",), 0)])
def test_no_more_places_confirm_than_watch(places: tuple[str, ...], needed: int) -> None:
    with pytest.raises(ConfirmationImpossible):
        may_watch(replace(PORTAL, watch=Watch(places, places_needed=needed)), ["password"])


def test_values_stand_in_their_places_and_break_out_of_none() -> None:
    step = Step(
        "s",
        "https://portal.example/{{id}}?q={{secret:word}}",
        headers={"X-Id": "{{id}}"},
        json='{"a": ["{{secret:word}}", 1], "b": {"c": "x {{totp:word}}"}}',
    )
    values = {("", "id"): "a/b c", ("secret", "word"): 'p"&?', ("totp", "word"): "123456"}
    asked = asked_by(step, values)
    assert asked.url == "https://portal.example/a%2Fb%20c?q=p%22%26%3F"
    assert asked.headers == {"Content-Type": "application/json", "X-Id": "a/b c"}
    assert json.loads(asked.body or b"") == {"a": ['p"&?', 1], "b": {"c": "x 123456"}}


def test_a_value_splits_no_header() -> None:
    with pytest.raises(ValueUnusable):
        asked_by(Step("s", "http://a/", headers={"X": "{{v}}"}), {("", "v"): "a\r\nSet-Cookie: b"})


@pytest.mark.parametrize(
    ("expect", "found", "fault"),
    [
        (Expectation(), answer(), None),
        (Expectation(status=(200, 204)), answer(status=204), None),
        (Expectation(), answer(status=503), Fault.status),
        (Expectation(contains=("Welcome",)), answer(b"<p>Welcome"), None),
        (Expectation(contains=("Welcome",)), answer(b"<p>Sorry"), Fault.text_missing),
        (
            Expectation(contains=("W",)),
            answer(b"W", headers={"content-encoding": "gzip"}),
            Fault.body_encoded,
        ),
        (Expectation(json=(JsonValue("/a/0", 1),)), answer({"a": [1]}), None),
        (Expectation(json=(JsonValue("/a", True),)), answer({"a": 1}), Fault.json_differs),
        (Expectation(json=(JsonValue("/a", None),)), answer({}), Fault.json_differs),
        (Expectation(json=(JsonValue("/a", None),)), answer({"a": None}), None),
        (Expectation(json=(JsonValue("", "x"),)), answer(b"no json"), Fault.json_differs),
        (Expectation(json=(JsonValue("/a", 1),)), replace(answer({"a": 1}), cut=True), Fault.json_differs),
        (Expectation(json=(JsonValue("", 1),)), answer(b"[" * 100_000), Fault.json_differs),
    ],
)
def test_an_answer_is_compared_with_what_is_expected(
    expect: Expectation, found: Answer, fault: Fault | None
) -> None:
    told = fault_in(found, expect)
    assert (told[0] if told else None) is fault


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a/b": {"~": [10, 20]}}), ("/a~1b/~0/1", 20), ("/a~1b/~0/0", 10)],
)
def test_a_pointer_reads_as_its_standard_says(pointer: str, value: Any) -> None:
    assert at_pointer({"a/b": {"~": [10, 20]}}, pointer) == value


def test_values_are_found_at_a_pointer_in_a_header_and_between_markers() -> None:
    found = extracted(
        answer({"t": 7, "csrf": "abc"}, headers={"location": "/next", "set-cookie": "sid=xyz; Path=/"}),
        (
            Extract("number", pointer="/t"),
            Extract("where", header="Location"),
            Extract("cookie", header="Set-Cookie", after="sid=", before=";"),
            Extract("csrf", after='"csrf": "', before='"'),
        ),
    )
    assert found == {"number": "7", "where": "/next", "cookie": "xyz", "csrf": "abc"}


@pytest.mark.parametrize(
    "wanted",
    [
        Extract("v", pointer="/a"),
        Extract("v", pointer="/b"),
        Extract("v", header="X"),
        Extract("v", after="none"),
        Extract("v", after="b", before="none"),
    ],
)
def test_a_value_that_is_not_there_is_named(wanted: Extract) -> None:
    assert extracted(answer({"b": [1]}), (wanted,)) == "v"


def test_what_is_kept_of_an_answer_is_one_line_without_secrets() -> None:
    body = b"<p>\x1b[31mYour password is\n cheval pile" + b"\xff" + b"x" * 1000
    kept = excerpt(body, ["cheval pile", "cheval", ""])
    assert kept.startswith("<p> [31mYour password is •••�xxx")
    assert len(kept) == 200
    assert kept.isprintable()


def test_available_is_to_reach_and_to_log_in_and_a_probers_fault_is_neither() -> None:
    reached, logged_in = StepResult("reach", 1), StepResult("log in", 1, logs_in=True)
    assert is_available([reached, logged_in]) is Outcome.up
    assert is_available([reached, replace(logged_in, fault=Fault.status)]) is Outcome.down
    assert is_available([replace(reached, fault=Fault.connect)]) is Outcome.down
    assert is_available([replace(reached, fault=Fault.resources)]) is Outcome.prober_fault


@pytest.mark.parametrize(
    "told",
    [
        "p%40ss%20%22w%C3%B6rd%22",
        "p%40ss+%22w%C3%B6rd%22",
        'p@ss \\"w\\u00f6rd\\"',
        "p@ss &quot;w\u00f6rd&quot;",
    ],
)
def test_a_secret_is_taken_out_in_whatever_form_it_is_repeated(told: str) -> None:
    assert excerpt(f"not {told} again".encode(), ['p@ss "w\u00f6rd"']) == "not ••• again"
