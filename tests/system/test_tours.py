"""The tours of `docs/` are true: what they tell to type, typed on a running portal, prints what they say.

A command begins with `$` and goes on with `>`; what it prints follows. There `…` stands for anything within a
line, and alone for any lines.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.portal import ROOT, RunningPortal, running_portal

pytestmark = pytest.mark.xdist_group("portal")

TOURS = ("support", "availability")
END = "@@ end of"
TYPED_SECONDS = 480


@dataclass
class Deed:
    """A command of a tour, and the lines that it is said to print."""

    command: list[str]
    printed: list[str] = field(default_factory=list)

    @property
    def pattern(self) -> str:
        """What it prints, as a regular expression."""
        return "".join(r"(?:.*\n)*" if line == "…" else _line(line) for line in self.printed)


def _line(told: str) -> str:
    return ".*".join(re.escape(part) for part in told.split("…")) + r"\n"


def deeds(text: str) -> Iterator[Deed]:
    """The commands of a tour, in their order; what stands apart from a command is no part of it."""
    deed: Deed | None = None
    for line in [*text.splitlines(), ""]:
        if deed is not None and re.match("    >( |$)", line):
            deed.command.append(line[6:])
        elif deed is not None and re.match(r"    (?!\$ )", line):
            deed.printed.append(line[4:])
        else:
            if deed is not None:
                yield deed
            deed = Deed([line[6:]]) if line.startswith("    $ ") else None


def typed(tour: list[Deed], portal: RunningPortal, directory: Path) -> list[str]:
    """What each command printed, one after the other in one shell, beside the portal's data; as far as they
    came in time.
    """
    (directory / "data").symlink_to(portal.data)
    lines = []
    for number, deed in enumerate(tour):
        lines += [*deed.command, f"printf '{END} {number}\\n'"]
    ours = {"127.0.0.1:8080": f"127.0.0.1:{portal.port}", ".venv/bin/python": sys.executable}
    ours[".venv/bin/livret"] = f"{sys.executable} -m services"
    script = "\n".join(lines)
    for theirs, own in ours.items():
        script = script.replace(theirs, own)
    said = directory / "said"
    with said.open("w") as sink:
        shell = subprocess.Popen(
            ["bash", "-c", script], cwd=directory, stdin=subprocess.DEVNULL, stdout=sink,
            stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
        )  # fmt: skip
    with contextlib.suppress(subprocess.TimeoutExpired):
        shell.wait(TYPED_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()
    return re.split(rf"{END} \d+\n", said.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TOURS)
def test_what_a_tour_types_prints_what_it_says(name: str, reachable_directory: Path, tmp_path: Path) -> None:
    tour = list(deeds((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")))
    assert len(tour) > 10
    with running_portal(reachable_directory / "data") as portal:
        printed = typed(tour, portal, tmp_path)
    for deed, told in zip(tour, printed, strict=False):
        whole = f"{told}\n" if told and not told.endswith("\n") else told
        typed_in = "\n".join(deed.command)
        assert re.fullmatch(deed.pattern, whole), f"{typed_in}\nprinted\n{whole}"
    assert len(printed) == len(tour) + 1, f"not done: {tour[len(printed) - 1].command}"
