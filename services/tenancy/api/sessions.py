"""The door: log in, log out, change a session for a token, know oneself; and the keys that tokens rest on."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Request, Response

from chassis.auth import Anyone, Public
from chassis.edge import COOKIE
from chassis.unit import Entrance, Read
from services.tenancy.api.permissions import instants_of
from services.tenancy.commands import sessions as commands
from services.tenancy.commands.credentials import Instants
from services.tenancy.model import PUBLISHER
from services.tenancy.refusals import SessionOver
from services.tenancy.schemas import people as shapes
from services.tenancy.store.companies import load_company_row
from services.tenancy.store.credentials import list_rights, load_person
from services.tenancy.store.customers import load_customer

router = APIRouter(tags=["sessions"])

SessionCookie = Annotated[str | None, Cookie(alias=COOKIE, max_length=200)]


def _instants(request: Request) -> Instants:
    return instants_of(request.app.state.clock)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post("/sessions", status_code=201, dependencies=[Public])
async def log_in(sent: shapes.LoginAsked, request: Request, response: Response) -> shapes.SessionShown:
    """Opens a session: the cookie holds its token. A one-time secret needs a `new_password`.

    The answer and its time are the same for a wrong password and for an account that is not.
    """
    state = request.app.state
    attempt = commands.Attempt(
        sent.portal, sent.identifier, sent.password, sent.new_password, _address(request)
    )
    opened = await commands.log_in(state.db, state.hasher, attempt, _instants(request))
    response.set_cookie(
        COOKIE,
        opened.token,
        expires=opened.expires_at,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return shapes.SessionShown(expires_at=opened.expires_at)


@router.delete("/sessions/current", status_code=204, dependencies=[Public])
async def log_out(entry: Entrance, response: Response, token: SessionCookie = None) -> None:
    """Ends the session of the cookie; without one there is nothing to end."""
    if token:
        await commands.log_out(entry.tx, token, entry.clock.system_now())
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


@router.post("/sessions/exchange", dependencies=[Public])
async def exchange_session(
    entry: Entrance, request: Request, token: SessionCookie = None
) -> shapes.TokenShown:
    """A bearer token of 60 seconds for the session of the cookie; the edge asks for it."""
    if not token:
        raise SessionOver
    key = await request.app.state.keys.signing()
    bearer = await commands.exchange(entry.tx, token, key, entry.clock.system_now())
    return shapes.TokenShown(access_token=bearer, expires_in=int(commands.TOKEN_LIVES.total_seconds()))


@router.post("/invitations/acceptance", status_code=204, dependencies=[Public])
async def accept_invitation(sent: shapes.LinkAsked, request: Request) -> None:
    """Gives an invited person the password it chose; the link opens once."""
    state = request.app.state
    await commands.follow_link(
        state.db, state.hasher, sent.token, sent.password, _address(request), _instants(request)
    )


@router.put("/me/password", status_code=204)
async def change_password(sent: shapes.PasswordAsked, caller: Anyone, request: Request) -> None:
    """Replaces the caller's password; all its sessions end."""
    state = request.app.state
    await commands.change_password(state.db, state.hasher, caller, sent.current, sent.new, _instants(request))


@router.get("/me")
async def read_me(work: Read, caller: Anyone) -> shapes.MeShown:
    """Who calls, for whom, and what a company's people may use (3-b)."""
    person = await load_person(work.tx, caller.customer_id or PUBLISHER, caller.person_id)
    customer = await load_customer(work.tx, caller.customer_id) if caller.customer_id else None
    company = None
    codes: list[str] = []
    if caller.customer_id and caller.company_id:
        company = await load_company_row(work.tx, caller.customer_id, caller.company_id)
        codes = await list_rights(work.tx, caller.customer_id, caller.company_id)
    return shapes.MeShown(
        person_id=caller.person_id,
        credential_id=caller.credential_id,
        name=person.name,
        role=caller.role,
        customer_id=caller.customer_id,
        customer_name=customer.name if customer else None,
        portal=customer.portal if customer else None,
        company_id=caller.company_id,
        company_name=company.name if company else None,
        offering_codes=codes,
    )


@router.get("/jwks", dependencies=[Public])
async def read_keys(request: Request) -> shapes.Jwks:
    """The public keys that bearer tokens are checked with (RFC 7517)."""
    return shapes.Jwks.model_validate(await request.app.state.keys.jwks())
