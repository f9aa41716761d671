"""Second factors: enrolled at the door, with the password and before there is a session; removed by oneself.

What these answers hold is shown once and stored nowhere, so they take no idempotency key.
"""

from fastapi import APIRouter, Request, Response

from chassis.auth import Public
from chassis.unit import whence_of
from services.tenancy.api.permissions import Oneself, door_of, instants_of
from services.tenancy.api.sessions import DeviceCookie, let_in
from services.tenancy.commands import factors, sessions
from services.tenancy.commands.door import Attempt
from services.tenancy.schemas import doors as shapes

router = APIRouter(tags=["second factors"])


@router.post("/sessions/second-factor/enrolment", status_code=201, dependencies=[Public])
async def begin_second_factor(
    sent: shapes.EnrolmentAsked, request: Request, device: DeviceCookie = None
) -> shapes.FactorBegun:
    """A secret for an authenticator, shown once; it counts when a code of it is confirmed."""
    attempt = Attempt(**sent.model_dump(), device=device, whence=whence_of(request))
    begun = await factors.begin_factor(door_of(request), attempt, instants_of(request.app.state.clock))
    return shapes.FactorBegun(secret=begun.secret, otpauth_uri=begun.uri)


@router.post("/sessions/second-factor/confirmation", status_code=201, dependencies=[Public])
async def confirm_second_factor(
    sent: shapes.ConfirmationAsked, request: Request, response: Response, device: DeviceCookie = None
) -> shapes.FactorEnrolled:
    """Enrols the factor by its first code, opens a session, and shows ten recovery codes once."""
    attempt = Attempt(**sent.model_dump(), device=device, whence=whence_of(request))
    at = instants_of(request.app.state.clock)
    codes, opened = await sessions.enrol_and_enter(door_of(request), attempt, at)
    let_in(response, opened)
    return shapes.FactorEnrolled(recovery_codes=codes, expires_at=opened.expires_at)


@router.post("/me/second-factor/removal", status_code=204)
async def remove_second_factor(sent: shapes.RemovalAsked, caller: Oneself, request: Request) -> None:
    """Removes the caller's second factor; all its sessions end, and it is told by mail."""
    at = instants_of(request.app.state.clock)
    await factors.remove_factor(door_of(request), caller, sent.password, sent.code, whence_of(request), at)
