"""Questions as JSON lines: one answer a line, each flushed, so that another program can hold a conversation.

What a command answers is its own; here is how lines are read, and how a bad one is told in its place.
"""

import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import IO, Any, NoReturn

LINE_MAXIMUM = 65_536

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""Answers one question, whose numbers are Decimal. Raises QuestionRefused."""


class QuestionRefused(ValueError):
    """A question that cannot be answered; the message says why."""


def answer_stream(
    answer: Answer, source: IO[bytes], sink: IO[str], separators: tuple[str, str] | None = None
) -> int:
    """Answers line by line. A reader that goes away ends it quietly; 0, or 130 when interrupted."""
    try:
        for number, line in enumerate(lines(source)):
            told = answer_line(answer, line, is_first=number == 0)
            sink.write(f"{json.dumps(told, separators=separators)}\n")
            sink.flush()
    except BrokenPipeError:
        # What is left unwritten must not raise again when Python closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sink.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def lines(source: IO[bytes]) -> Iterator[bytes | None]:
    """The lines of a stream; None for one too long to hold, whose rest is passed over."""
    while line := source.readline(LINE_MAXIMUM):
        if len(line) < LINE_MAXIMUM or line.endswith(b"\n"):
            yield line
            continue
        while len(line) == LINE_MAXIMUM and not line.endswith(b"\n"):
            line = source.readline(LINE_MAXIMUM)
        yield None


def answer_line(answer: Answer, line: bytes | None, *, is_first: bool = False) -> dict[str, Any]:
    """The answer to one line, an error among them."""
    try:
        return answer(question_in(line, is_first=is_first))
    except QuestionRefused as error:
        return {"error": str(error)}


def question_in(line: bytes | None, *, is_first: bool) -> dict[str, Any]:
    """The JSON object of a line. Raises QuestionRefused."""
    if line is None:
        raise QuestionRefused(f"the line is longer than {LINE_MAXIMUM} bytes")
    try:
        text = line.decode("utf-8-sig" if is_first else "utf-8").strip()
        question = json.loads(
            text,
            parse_int=Decimal,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except QuestionRefused:
        raise
    except UnicodeDecodeError as error:
        raise QuestionRefused(f"the line is not UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise QuestionRefused("the line is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"{error.msg}, column {error.colno}" if text else "it is empty"
        raise QuestionRefused(f"the line is not JSON: {where}") from None
    except ArithmeticError:
        raise QuestionRefused("a number of the line is beyond all bounds") from None
    if not isinstance(question, dict):
        raise QuestionRefused("the line is not a JSON object")
    return question


def _refuse_constant(name: str) -> NoReturn:
    raise QuestionRefused(f"{name} is not a number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    question = dict(pairs)
    if len(question) != len(pairs):
        raise QuestionRefused("a key stands twice in the line")
    return question


def shown(text: str) -> str:
    """Text of a question as an answer may repeat it: short, and escaped."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
