"""Passwords: the one of an invited person, a change, and a reset by mail."""

from fastapi import APIRouter, Request

from chassis.auth import Public
from chassis.unit import whence_of
from services.tenancy.api.permissions import Oneself, door_of, instants_of
from services.tenancy.commands import passwords as commands
from services.tenancy.schemas import doors as shapes

router = APIRouter(tags=["sessions"])


@router.post("/invitations/acceptance", status_code=204, dependencies=[Public])
async def accept_invitation(sent: shapes.LinkAsked, request: Request) -> None:
    """Gives an invited person the password it chose; the link opens once."""
    at = instants_of(request.app.state.clock)
    await commands.follow_link(door_of(request), sent.token, sent.password, whence_of(request), at)


@router.put("/me/password", status_code=204)
async def change_password(sent: shapes.PasswordAsked, caller: Oneself, request: Request) -> None:
    """Replaces the caller's password; all its sessions end, and it is told by mail."""
    at = instants_of(request.app.state.clock)
    await commands.change_password(door_of(request), caller, sent.current, sent.new, whence_of(request), at)


@router.post("/password-resets", status_code=202, dependencies=[Public])
async def ask_password_reset(sent: shapes.ResetAsked, request: Request) -> shapes.ResetTaken:
    """Has a link mailed that sets another password, once, within 30 minutes.

    The answer and its time are the same for an account that is not, or that has no mail address.
    """
    now = request.app.state.clock.system_now()
    await commands.ask_reset(door_of(request), sent.portal, sent.identifier, whence_of(request), now)
    return shapes.ResetTaken()


@router.post("/password-resets/acceptance", status_code=204, dependencies=[Public])
async def accept_password_reset(sent: shapes.LinkAsked, request: Request) -> None:
    """Sets the password chosen with a mailed link; all sessions end. A second factor stays."""
    at = instants_of(request.app.state.clock)
    await commands.accept_reset(door_of(request), sent.token, sent.password, whence_of(request), at)
