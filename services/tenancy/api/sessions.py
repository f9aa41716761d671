"""The door: log in, log out, change a session for a token, know oneself; and the keys that tokens rest on."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Request, Response

from chassis.auth import Anyone, Caller, Public
from chassis.edge import COOKIE, session_of
from chassis.unit import Entrance, Read, UnitOfWork, whence_of
from services.tenancy.api.permissions import door_of, instants_of
from services.tenancy.commands import sessions as commands
from services.tenancy.commands.door import Attempt
from services.tenancy.door_refusals import SessionOver
from services.tenancy.model import PUBLISHER
from services.tenancy.schemas import doors
from services.tenancy.schemas import people as shapes
from services.tenancy.store.companies import load_company_row
from services.tenancy.store.credentials import list_rights, load_person
from services.tenancy.store.customers import load_customer
from services.tenancy.store.factors import find_standing
from services.tenancy.store.representations import load_name

router = APIRouter(tags=["sessions"])

DEVICE_COOKIE = "__Host-livret-device"
DEVICE_SECONDS = 180 * 86_400
DeviceCookie = Annotated[str | None, Cookie(alias=DEVICE_COOKIE, max_length=1000)]


async def presented_session(
    request: Request, _declared: Annotated[str | None, Cookie(alias=COOKIE, max_length=200)] = None
) -> str | None:
    """The token of the session's cookie, read as the edge reads it."""
    return session_of(request.headers.getlist("cookie"))


SessionCookie = Annotated[str | None, Depends(presented_session)]


def let_in(response: Response, opened: commands.Opened) -> None:
    """Sets the cookie of a session, and the one by which this device is known next time."""
    response.set_cookie(
        COOKIE,
        opened.token,
        expires=opened.expires_at,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    response.set_cookie(
        DEVICE_COOKIE,
        opened.device,
        max_age=DEVICE_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )


@router.post("/sessions", status_code=201, dependencies=[Public])
async def log_in(
    sent: doors.LoginAsked, request: Request, response: Response, device: DeviceCookie = None
) -> doors.SessionShown:
    """Opens a session: the cookie holds its token. A one-time secret needs a `new_password`.

    The answer and its time are the same for a wrong password, a wrong code, and an account that is not.
    """
    attempt = Attempt(**sent.model_dump(), device=device, whence=whence_of(request))
    opened = await commands.log_in(door_of(request), attempt, instants_of(request.app.state.clock))
    let_in(response, opened)
    return doors.SessionShown(expires_at=opened.expires_at)


@router.delete("/sessions/current", status_code=204, dependencies=[Public])
async def log_out(entry: Entrance, response: Response, token: SessionCookie) -> None:
    """Ends the session of the cookie; without one there is nothing to end."""
    if token:
        await commands.log_out(entry.tx, token, entry.whence, instants_of(entry.clock))
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


@router.post("/sessions/exchange", dependencies=[Public])
async def exchange_session(entry: Entrance, request: Request, token: SessionCookie) -> doors.TokenShown:
    """A bearer token of 60 seconds for the session of the cookie; the edge asks for it."""
    if not token:
        raise SessionOver
    key = await request.app.state.keys.signing()
    bearer = await commands.exchange(entry.tx, token, key, entry.clock.system_now())
    return doors.TokenShown(access_token=bearer, expires_in=int(commands.TOKEN_LIVES.total_seconds()))


@router.get("/me")
async def read_me(work: Read, caller: Anyone) -> shapes.MeShown:
    """Who calls, for whom, and what a company's people may use (3-b); also under which representation."""
    customer_id = caller.customer_id or PUBLISHER
    customer = await load_customer(work.tx, caller.customer_id) if caller.customer_id else None
    factor = await find_standing(work.tx, customer_id, caller.credential_id)
    company = None
    codes: list[str] = []
    if caller.customer_id and caller.company_id:
        company = await load_company_row(work.tx, caller.customer_id, caller.company_id)
        codes = await list_rights(work.tx, caller.customer_id, caller.company_id)
    return shapes.MeShown(
        person_id=caller.person_id,
        credential_id=caller.credential_id,
        name=await _name_of(work, caller),
        role=caller.role,
        customer_id=caller.customer_id,
        customer_name=customer.name if customer else None,
        portal=customer.portal if customer else None,
        company_id=caller.company_id,
        company_name=company.name if company else None,
        offering_codes=codes,
        second_factor=factor is not None,
        recovery_codes_left=factor.recovery_codes_left if factor else 0,
        representation_id=caller.on_behalf_of,
    )


async def _name_of(work: UnitOfWork, caller: Caller) -> str:
    """The name of a person of this portal, or of the publisher's who acts for it."""
    if caller.customer_id and caller.on_behalf_of:
        return await load_name(work.tx, caller.customer_id, caller.on_behalf_of)
    person = await load_person(work.tx, caller.customer_id or PUBLISHER, caller.person_id)
    return str(person.name)


@router.get("/jwks", dependencies=[Public])
async def read_keys(request: Request) -> shapes.Jwks:
    """The public keys that bearer tokens are checked with (RFC 7517)."""
    return shapes.Jwks.model_validate(await request.app.state.keys.jwks())
