"""RFC 6238: its own test values, the drift, and that no step is taken twice."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from services.__main__ import main
from services.tenancy import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 3, 10, 9, 0, 10, tzinfo=UTC)
HERE = totp.step_at(NOW)


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (2000000000, "69279037")],
)
def test_the_values_of_the_rfc(seconds: int, eight_digits: str) -> None:
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_at(RFC_SECRET, step) == eight_digits[2:]


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(drift: int) -> None:
    code = totp.code_at(RFC_SECRET, HERE + drift)
    assert totp.accepted_step(RFC_SECRET, code, NOW, 0) == HERE + drift
    assert totp.accepted_step(RFC_SECRET, f"{code[:3]} {code[3:]}", NOW, 0) == HERE + drift


@pytest.mark.parametrize("drift", [-2, 2])
def test_and_no_more(drift: int) -> None:
    assert totp.accepted_step(RFC_SECRET, totp.code_at(RFC_SECRET, HERE + drift), NOW, 0) is None


def test_a_step_is_taken_once_and_none_before_it() -> None:
    code, before = (totp.code_at(RFC_SECRET, step) for step in (HERE, HERE - 1))
    assert totp.accepted_step(RFC_SECRET, code, NOW, HERE) is None
    assert totp.accepted_step(RFC_SECRET, before, NOW, HERE) is None
    later = NOW + timedelta(seconds=30)
    assert totp.accepted_step(RFC_SECRET, totp.code_at(RFC_SECRET, HERE + 1), later, HERE) == HERE + 1


@pytest.mark.parametrize("code", ["", "abcdef", "１２３４５６", "12345", "0" * 40])
def test_what_is_no_code_is_none(code: str) -> None:
    assert totp.accepted_step(RFC_SECRET, code, NOW, 0) is None


def test_the_command_shows_the_code_of_now(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["totp", RFC_SECRET]) == 0
    code = capsys.readouterr().out.strip()
    assert totp.accepted_step(RFC_SECRET, code, datetime.now(UTC), 0)
    assert main(["totp", "no secret!"]) == 1
    assert "base32" in capsys.readouterr().err
