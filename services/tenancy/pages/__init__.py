"""The two pages of tenancy, for people who cannot log in: an invited one chooses a password, one who forgot
its own chooses another.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import FastAPI, Response

from chassis.reference import PAGE_HEADERS

PAGES = ("invitation", "password-reset")
SCRIPT = "password.js"
_TYPES = {"html": "text/html", "js": "text/javascript"}


def install(app: FastAPI) -> None:
    """Adds each page, and below it the script that both have."""
    for name in PAGES:
        app.add_api_route(f"/{name}", _file(f"{name}.html"), include_in_schema=False)
        app.add_api_route(f"/{name}/{SCRIPT}", _file(SCRIPT), include_in_schema=False)


def _file(name: str) -> Callable[[], Awaitable[Response]]:
    async def page() -> Response:
        content = (files(__package__) / name).read_bytes()
        headers = PAGE_HEADERS | {"Cache-Control": "no-cache"}
        media_type = f"{_TYPES[name.rsplit('.', 1)[1]]}; charset=utf-8"
        return Response(content, media_type=media_type, headers=headers)

    return page
