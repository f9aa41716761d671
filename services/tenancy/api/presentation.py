"""A customer defines how its portal looks; its login page reads it, before anybody has logged in (3-a).

The logo is part of the presentation: `If-Match` takes the presentation's ETag for both.
"""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from chassis.auth import COMPANY_ROLES, FIRM_ROLES, Caller, Public, allowed
from chassis.preconditions import IfMatch, IfNoneMatch, etag_of, show_etag
from chassis.unit import Entrance, Read, UnitOfWork, Work
from services.tenancy.api.permissions import FirmAdmin, own_customer
from services.tenancy.commands import presentation as commands
from services.tenancy.logos import MAX_BYTES, logo_of
from services.tenancy.presentation_model import Logo
from services.tenancy.schemas import presentation as shapes
from services.tenancy.store import presentation as store

router = APIRouter(tags=["presentation"])

PortalPeople = Annotated[Caller, allowed(*FIRM_ROLES, *COMPANY_ROLES)]
Address = Annotated[str, Path(max_length=40, examples=["cabinet-moreau"])]

PNG = "image/png"
_BINARY = {"schema": {"type": "string", "format": "binary", "maxLength": MAX_BYTES}}
LOGO_BODY = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys((PNG, "image/jpeg", "image/webp"), _BINARY),
    }
}
KNOWN: dict[int | str, dict[str, Any]] = {304: {"description": "It is as you know it."}}
AS_PNG: dict[int | str, dict[str, Any]] = KNOWN | {200: {"content": {PNG: _BINARY}}}
TAKEN: dict[int | str, dict[str, Any]] = {
    413: {"description": "Too large."},
    415: {"description": "No PNG, JPEG or WebP image."},
}
PUBLIC = {"Cache-Control": "public, max-age=60"}
PRIVATE = {"Cache-Control": "private, no-cache"}
INERT = {"Content-Security-Policy": "default-src 'none'; sandbox"}


async def uploaded_logo(request: Request, _caller: FirmAdmin) -> Logo:
    """The logo of the body, decoded in a thread and before any transaction is open."""
    content = await request.body()
    return await asyncio.to_thread(logo_of, content)


@router.get("/presentation")
async def read_presentation(work: Read, caller: PortalPeople, response: Response) -> shapes.PresentationShown:
    """How the caller's portal looks."""
    found = await store.load_presentation(work.tx, own_customer(caller))
    show_etag(response, found.revision)
    return shapes.presentation_shown(found)


@router.put("/presentation")
async def define_presentation(
    sent: shapes.PresentationAsked, work: Work, caller: FirmAdmin, seen: IfMatch, response: Response
) -> shapes.PresentationShown:
    """Defines name, colours and welcome text. Colours too close to read are refused, with their contrast."""
    customer_id, now = own_customer(caller), work.clock.business_now()
    changed = await commands.define_appearance(
        work.tx, customer_id, sent.as_appearance(), seen.require, caller.person_id, now
    )
    return await _done(work, "define_presentation", changed, response)


@router.put("/presentation/logo", openapi_extra=LOGO_BODY, responses=TAKEN)
async def put_logo(
    caller: FirmAdmin,
    seen: IfMatch,
    logo: Annotated[Logo, Depends(uploaded_logo)],
    work: Work,
    response: Response,
) -> shapes.PresentationShown:
    """Puts a logo: a PNG, JPEG or WebP image, which is decoded and written anew as PNG."""
    now = work.clock.business_now()
    changed = await commands.put_logo(
        work.tx, own_customer(caller), logo, seen.require, caller.person_id, now
    )
    return await _done(work, "put_logo", changed, response)


@router.delete("/presentation/logo")
async def remove_logo(
    work: Work, caller: FirmAdmin, seen: IfMatch, response: Response
) -> shapes.PresentationShown:
    """Takes the logo away."""
    now = work.clock.business_now()
    changed = await commands.put_logo(
        work.tx, own_customer(caller), None, seen.require, caller.person_id, now
    )
    return await _done(work, "remove_logo", changed, response)


async def _done(
    work: UnitOfWork, action: str, changed: commands.Changed, response: Response
) -> shapes.PresentationShown:
    await work.audit(action, before=shapes.told(changed.before), after=shapes.told(changed.after))
    show_etag(response, changed.after.revision)
    return shapes.presentation_shown(changed.after)


@router.get("/presentation/logo", response_class=Response, responses=AS_PNG)
async def read_logo(work: Read, caller: PortalPeople, known: IfNoneMatch) -> Response:
    """The logo of the caller's portal, as PNG."""
    png, digest = await store.load_logo(work.tx, own_customer(caller))
    return _image(png, digest, known=known.holds(digest), cached=PRIVATE)


@router.get(
    "/portals/{address}/presentation",
    response_model=shapes.PortalShown,
    dependencies=[Public],
    responses=KNOWN,
)
async def read_portal(
    address: Address, entry: Entrance, known: IfNoneMatch, response: Response
) -> shapes.PortalShown | Response:
    """What the login page of a portal shows; asked without a token."""
    found = await store.load_presentation_of_portal(entry.tx, address.strip().lower())
    headers = PUBLIC | {"ETag": etag_of(found.revision)}
    if known.holds(found.revision):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return shapes.portal_shown(found)


@router.get(
    "/portals/{address}/presentation/logo", response_class=Response, dependencies=[Public], responses=AS_PNG
)
async def read_portal_logo(address: Address, entry: Entrance, known: IfNoneMatch) -> Response:
    """The logo that the login page of a portal shows, as PNG; asked without a token."""
    png, digest = await store.load_logo_of_portal(entry.tx, address.strip().lower())
    return _image(png, digest, known=known.holds(digest), cached=PUBLIC)


def _image(png: bytes, digest: str, *, known: bool, cached: dict[str, str]) -> Response:
    headers = cached | INERT | {"ETag": etag_of(digest)}
    if known:
        return Response(status_code=304, headers=headers)
    return Response(png, media_type=PNG, headers=headers)
