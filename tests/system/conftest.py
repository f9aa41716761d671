"""Directories for the tests of this room."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def reachable_directory() -> Iterator[Path]:
    """A temporary directory that every user may enter (pytest's own are closed to others)."""
    path = Path(tempfile.mkdtemp(prefix="livret-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)
