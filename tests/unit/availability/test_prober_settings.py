"""Where a prober asks for its token, by what it is told."""

import pytest

from services.availability.probing.process import token_url_of
from services.availability.probing.settings import ProberSettings

TOKEN = "/api/tenancy/v1/oauth/token"


@pytest.mark.parametrize(
    ("url", "token_url", "asked"),
    [
        ("https://portal.example/api/availability", None, f"https://portal.example{TOKEN}"),
        ("https://portal.example/api/availability/", None, f"https://portal.example{TOKEN}"),
        ("http://availability:8000", None, f"https://origin.example{TOKEN}"),
        (
            "http://availability:8000",
            "http://tenancy:8000/v1/oauth/token",
            "http://tenancy:8000/v1/oauth/token",
        ),
    ],
)
def test_a_token_is_asked_of_the_portal_that_is_told_to(url: str, token_url: str | None, asked: str) -> None:
    settings = ProberSettings(probe_url=url, probe_token_url=token_url, origin="https://origin.example")
    assert token_url_of(settings) == asked
