"""The figures of the booklet in force: what a clause's parameter was worth on a day; and its sentences.

For those who freeze terms or check a notice; a pure rule is given the figure, and does not ask.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from contracts.booklet.loader import booklet_path, load_booklet
from contracts.booklet.model import Booklet


def figure(clause: str, parameter: str, day: date) -> Any:
    """The value, in the parameter's unit. Raises BookletUnreadable, and LookupError: NotInForce is one."""
    return _booklet(str(booklet_path())).clause(clause).parameter(parameter).on(day)


def sentence(name: str) -> str:
    """What a clause (`13.2-g`) or a ruling (`R9`) says. Raises BookletUnreadable, and LookupError."""
    booklet = _booklet(str(booklet_path()))
    ruling = booklet.rulings.get(name)
    return ruling.sentence if ruling is not None else booklet.clause(name).sentence


@lru_cache(maxsize=4)
def _booklet(path: str) -> Booklet:
    return load_booklet(path)
