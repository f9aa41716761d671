"""A command told what it cannot work with says so in a line, and begins nothing."""

import pytest

from services.__main__ import main


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit status of a command, and its last line on standard error."""
    try:
        status = main(words)
    except SystemExit as left:
        status = int(left.code or 0)
    return status, capsys.readouterr().err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--port", "0"),
        ("serve", "tenancy", "--port", "65536"),
        ("work", "tenancy", "--metrics-port", "x"),
        ("weather", "--port", "99999"),
        ("probe", "--metrics-port", "-1"),
    ],
)
def test_what_is_no_port_is_refused(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    status, said = refused(capsys, *words)
    assert status == 2
    assert "is not a port: a number from 1 to 65535" in said


def test_the_weather_is_not_served_from_what_is_no_store(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = refused(capsys, "weather", "--store", "ftp://weather")
    assert status == 2
    assert said == "livret weather: 'ftp://weather' is neither file:///directory nor s3://bucket/prefix"


NOWHERE = "postgresql://livret_app:x@127.0.0.1:1/livret_tenancy"


@pytest.mark.parametrize(
    ("words", "who"),
    [
        (("serve", "tenancy"), "livret"),
        (("work", "tenancy"), "livret"),
        (("migrate", "tenancy"), "livret"),
        (("weather",), "livret"),
        (("probe", "--place", "inside"), "livret probe"),
        (
            ("administrator", "admin", "--name", "Irène Roux", "--database-url", NOWHERE),
            "livret administrator",
        ),
        (("keys", "rotate", "--database-url", NOWHERE), "livret keys"),
        (("bus", "dead", "tenancy", "--database-url", NOWHERE), "livret bus"),
    ],
)
def test_a_setting_that_does_not_do_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], who: str
) -> None:
    monkeypatch.setenv("LIVRET_POOL_SIZE", "many")
    status, said = refused(capsys, *words)
    assert status in {1, 2}
    assert said.startswith(f"{who}: LIVRET_POOL_SIZE: Input should be a valid integer")


def test_a_service_that_there_is_not_is_refused_with_those_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, said = refused(capsys, "work", "cuisine")
    assert status == 2
    assert "there are: tenancy, catalog" in said


def test_migrating_needs_to_know_which_database(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LIVRET_OWNER_DATABASE_URL", raising=False)
    status, said = refused(capsys, "migrate", "tenancy")
    assert status == 2
    assert "LIVRET_OWNER_DATABASE_URL" in said
