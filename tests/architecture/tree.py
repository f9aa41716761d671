"""What the architecture tests look at: our packages' modules, parsed, and the project's own files."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contracts", "chassis", "services")


@dataclass(frozen=True)
class Module:
    """One source file. `place` is its path from the project's root."""

    place: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The file, parsed."""
        return ast.parse(self.text, self.place)

    def at(self, node: ast.expr | ast.stmt) -> str:
        """Where a node stands, as an editor opens it."""
        return f"{self.place}:{node.lineno}"


@lru_cache
def modules() -> tuple[Module, ...]:
    """Every Python file of our three packages."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return tuple(Module(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in paths)


def rules() -> list[Module]:
    """The pure rooms: `services/*/rules.py`, and the modules of `services/*/rules/`."""
    return [module for module in modules() if _is_rule(Path(module.place).parts)]


def _is_rule(parts: tuple[str, ...]) -> bool:
    return parts[0] == "services" and len(parts) > 2 and parts[2] in ("rules", "rules.py")


def own_files() -> Iterator[Path]:
    """Every file of the project that is, or is about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file():
            yield path


def dotted(node: ast.AST) -> str:
    """`datetime.datetime.now` of such an expression; empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
