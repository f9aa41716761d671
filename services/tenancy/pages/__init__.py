"""The one page of tenancy: where an invited person, who cannot log in yet, chooses a password."""

from importlib.resources import files

from fastapi import FastAPI, Response

from chassis.reference import PAGE_HEADERS, PageUnknown

PATH = "/invitation"
_FILES = {"invitation.html": "text/html", "invitation.js": "text/javascript"}


def install(app: FastAPI) -> None:
    """Adds the page and its script."""
    app.add_api_route(PATH, _page, include_in_schema=False)
    app.add_api_route(f"{PATH}/{{name}}", _part, include_in_schema=False)


async def _page() -> Response:
    return _answer("invitation.html")


async def _part(name: str) -> Response:
    return _answer(name)


def _answer(name: str) -> Response:
    if name not in _FILES:
        raise PageUnknown
    content = (files(__package__) / name).read_bytes()
    headers = PAGE_HEADERS | {"Cache-Control": "no-cache"}
    return Response(content, media_type=f"{_FILES[name]}; charset=utf-8", headers=headers)
