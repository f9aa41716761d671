"""`livret spec`: the published documents, written from the code (`make spec`).

JSON Schemas of the events, the AsyncAPI document, and an OpenAPI document per service. Needs no database:
a service's API is built and asked for its document, never started.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import contracts

ROOT = Path(contracts.__file__).parent
RELEASED = Path("schemas/released")


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser("spec", help="write the OpenAPI, AsyncAPI and event schema documents")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="only tell which committed documents differ")
    choice.add_argument(
        "--release", action="store_true", help="also freeze the event schemas: later changes are held to them"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes what differs and says so; with --check writes nothing, and fails when something does."""
    wanted = documents()
    if arguments.release:
        broken = broken_promises(ROOT, wanted)
        if broken:
            print(*broken, sep="\n")
            return 1
        wanted |= {
            RELEASED / path.name: text for path, text in wanted.items() if path.parent.name == "schemas"
        }
    changed = differing(ROOT, wanted)
    for path in changed:
        print(f"{'differs' if arguments.check else 'written'}: contracts/{path}")
        if not arguments.check:
            _write(ROOT / path, wanted.get(path))
    return int(arguments.check and bool(changed))


def documents() -> dict[Path, str]:
    """Every generated document by its place below `contracts/`."""
    from chassis.bus import PARTITIONS
    from contracts.spec.asyncapi import asyncapi
    from contracts.spec.published import published
    from contracts.spec.schemas import event_schema
    from services.roster import load_all

    services = load_all()
    found = {Path("schemas") / f"{wire}.json": _text(event_schema(cls)) for wire, cls in published().items()}
    hears = {service.name: service.hears.keys() for service in services}
    found[Path("asyncapi.json")] = _text(asyncapi(hears, PARTITIONS))
    for service in services:
        api = service.create_api(service.settings_class(service=service.name))
        found[Path("openapi") / f"{service.name}.json"] = _text(api.openapi())
    return found


def differing(root: Path, wanted: dict[Path, str]) -> list[Path]:
    """The documents that are absent, other than wanted, or there although nothing makes them any more."""
    folders = {path.parent for path in wanted} - {Path()}
    stale = {
        path.relative_to(root)
        for folder in folders - {RELEASED}
        for path in (root / folder).glob("*.json")
        if path.relative_to(root) not in wanted
    }
    other = {path for path, text in wanted.items() if _read(root / path) != text}
    return sorted(stale | other)


def broken_promises(root: Path, wanted: dict[Path, str]) -> list[str]:
    """What differs from a released schema beyond an optional field with a default."""
    from contracts.spec.compatibility import violations

    broken = []
    for released in sorted((root / RELEASED).glob("*.json")):
        current = wanted.get(Path("schemas") / released.name)
        if current is None:
            broken.append(f"{released.stem}: released, and no longer there")
            continue
        faults = violations(json.loads(released.read_text("utf-8")), json.loads(current))
        broken += [f"{released.stem} {fault}" for fault in faults]
    return broken


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
