"""The two pages of tenancy, for people who cannot log in: an invited one chooses a password, one who forgot
its own chooses another.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import FastAPI, Response

from chassis.reference import PAGE_HEADERS, PageUnknown

PAGES = ("invitation", "password-reset")
_TYPES = {"html": "text/html", "js": "text/javascript"}


def install(app: FastAPI) -> None:
    """Adds each page and its script."""
    for name in PAGES:
        app.add_api_route(f"/{name}", _page(name), include_in_schema=False)
        app.add_api_route(f"/{name}/{{part}}", _part(name), include_in_schema=False)


def _page(name: str) -> Callable[[], Awaitable[Response]]:
    async def page() -> Response:
        return _answer(f"{name}.html")

    return page


def _part(name: str) -> Callable[[str], Awaitable[Response]]:
    async def script(part: str) -> Response:
        if part not in (f"{name}.html", f"{name}.js"):
            raise PageUnknown
        return _answer(part)

    return script


def _answer(file: str) -> Response:
    content = (files(__package__) / file).read_bytes()
    headers = PAGE_HEADERS | {"Cache-Control": "no-cache"}
    return Response(content, media_type=f"{_TYPES[file.rsplit('.', 1)[1]]}; charset=utf-8", headers=headers)
