"""Pages without any outside host: the API reference of a service, and what pages have in common.

The reference is a page of our own that draws `openapi.json`; its script and style are served beside it, so
that the strictest content policy holds.
"""

from functools import cache
from importlib.resources import files

from fastapi import FastAPI, Request, Response

from chassis.refusals import Refusal

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class PageUnknown(Refusal):
    slug = "page-unknown"
    status = 404
    sentence = "There is no such page."


@cache
def asset(name: str) -> bytes:
    """A file of `chassis/pages`."""
    found = files("chassis") / "pages" / name
    if "/" in name or not found.is_file():
        raise PageUnknown
    return found.read_bytes()


def page(name: str) -> Response:
    """A file of `chassis/pages` as an answer, under the content policy."""
    media_type = _TYPES[name.rpartition(".")[2]]
    headers = PAGE_HEADERS | {"Cache-Control": "no-cache"}
    return Response(asset(name), media_type=f"{media_type}; charset=utf-8", headers=headers)


def install(app: FastAPI) -> None:
    """Adds `/reference` and its two files."""
    app.add_api_route("/reference", _reference, include_in_schema=False)
    app.add_api_route("/reference/{name}", _part, include_in_schema=False)


async def _reference(request: Request) -> Response:
    return page("reference.html")


async def _part(name: str) -> Response:
    if name not in {"reference.js", "pages.css"}:
        raise PageUnknown
    return page(name)
