"""The file of an event log, plain or compressed: its events in order of time, and the lines that say none."""

import argparse
import csv
import gzip
import zlib
from dataclasses import dataclass, field
from io import BufferedReader, TextIOWrapper
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services.ticketing.model.replay import LogEvent
    from services.ticketing.rules.event_log import Reader

CELL_MAXIMUM = 1_000_000
GZIP = b"\x1f\x8b"
"""What a compressed file begins with, whatever its name."""
OPTIONS = (
    "--case-column, --activity-column and --time-column name them, --delimiter what stands between cells"
)


@dataclass(slots=True)
class Log:
    """The events of a file in order of time, and the lines that say none."""

    name: str
    events: "list[LogEvent]" = field(default_factory=list)
    unreadable: list[tuple[int, str]] = field(default_factory=list)


def read_log(arguments: argparse.Namespace) -> Log:
    """The file's events in order.

    Raises LogUnreadable for one that is no CSV, without the columns, or without events, and OSError.
    """
    from services.ticketing.rules.event_log import LogUnreadable, in_order

    csv.field_size_limit(CELL_MAXIMUM)
    log = Log(arguments.file.name)
    try:
        with arguments.file.open("rb") as opened:
            _read(log, opened, arguments)
    except UnicodeDecodeError:
        raise LogUnreadable("the log is not UTF-8 text") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LogUnreadable(f"the log is compressed, and damaged: {error}") from None
    except csv.Error as error:
        raise LogUnreadable(f"the log is no CSV: {error}") from None
    if not log.events:
        raise LogUnreadable("; ".join(["the log has no event", *_first_complaint(log)]))
    log.events = in_order(log.events)
    return log


def _read(log: Log, opened: BufferedReader, arguments: argparse.Namespace) -> None:
    from services.ticketing.rules.event_log import LineUnreadable

    lines = csv.reader(_text(opened), delimiter=arguments.delimiter, strict=True)
    reader = _reader(next(lines, []), arguments)
    for cells in lines:
        try:
            log.events.append(reader.event(lines.line_num, cells))
        except LineUnreadable as error:
            log.unreadable.append((lines.line_num, str(error)))


def _text(opened: BufferedReader) -> TextIOWrapper:
    compressed = opened.peek(len(GZIP)).startswith(GZIP)
    source = cast(IO[bytes], gzip.GzipFile(fileobj=opened)) if compressed else opened
    return TextIOWrapper(source, encoding="utf-8-sig", newline="")


def _reader(headings: list[str], arguments: argparse.Namespace) -> "Reader":
    from services.ticketing.rules.event_log import Columns, LogUnreadable, Reader

    if not headings:
        raise LogUnreadable("the log is empty: its first line names the columns")
    columns = Columns(arguments.case_column, arguments.activity_column, arguments.time_column)
    try:
        return Reader(headings, columns, arguments.timezone)
    except LogUnreadable as error:
        raise LogUnreadable(f"{error}; {OPTIONS}") from None


def _first_complaint(log: Log) -> list[str]:
    return [f"line {line}: {why}" for line, why in log.unreadable[:1]]
