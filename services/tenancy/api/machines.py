"""Machines, the publisher's own programs: a mail gateway, an alert manager. Its administrator keeps them."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging
from chassis.preconditions import IfMatch
from chassis.unit import Read, Work
from services.tenancy.api import programs
from services.tenancy.api.permissions import PublisherAdmin, mounted_at
from services.tenancy.model import PUBLISHER
from services.tenancy.schemas import programs as shapes
from services.tenancy.schemas.people import DisablementAsked

creating = APIRouter(tags=["programs"], route_class=IdempotentRoute)
router = APIRouter(tags=["programs"])


@creating.post("/machines", status_code=201)
async def register_machine(
    sent: shapes.ProgramAsked, work: Work, caller: PublisherAdmin, request: Request, response: Response
) -> shapes.ProgramShown:
    """Lets a program of the publisher in; it has no key yet."""
    program_id = await programs.registered(work, PUBLISHER, sent, caller)
    response.headers["Location"] = f"{mounted_at(request)}/v1/machines/{program_id}"
    return await programs.shown(work, PUBLISHER, program_id, response)


@router.get("/machines")
async def list_machines(work: Read, _caller: PublisherAdmin, paging: Paging) -> Page[shapes.ProgramShown]:
    """The publisher's programs, disabled ones too."""
    return await programs.listed(work, PUBLISHER, paging)


@router.get("/machines/{program_id}")
async def read_machine(
    program_id: UUID, work: Read, _caller: PublisherAdmin, response: Response
) -> shapes.ProgramWithKeys:
    """One program of the publisher with its newest keys; never a secret."""
    return await programs.shown_with_keys(work, PUBLISHER, program_id, response)


@router.put("/machines/{program_id}")
async def change_machine(
    program_id: UUID,
    sent: shapes.ProgramAsked,
    work: Work,
    _caller: PublisherAdmin,
    seen: IfMatch,
    response: Response,
) -> shapes.ProgramShown:
    """Another name and other scopes; tokens given before keep theirs, for ten minutes at most."""
    await programs.changed(work, PUBLISHER, program_id, sent, seen)
    return await programs.shown(work, PUBLISHER, program_id, response)


@router.post("/machines/{program_id}/keys", status_code=201)
async def give_machine_key(
    program_id: UUID, sent: shapes.KeyAsked, work: Work, caller: PublisherAdmin
) -> shapes.KeyGiven:
    """Gives a program of the publisher a key: a secret, shown once, or the public key that is sent."""
    return await programs.given(work, PUBLISHER, program_id, sent, caller)


@router.post("/machines/{program_id}/keys/{credential_id}/disablement", status_code=204)
async def disable_machine_key(
    program_id: UUID, credential_id: UUID, sent: DisablementAsked, work: Work, caller: PublisherAdmin
) -> None:
    """Disables a key of a program of the publisher (11-b)."""
    await programs.key_disabled(work, PUBLISHER, (program_id, credential_id), sent, caller)


@router.post("/machines/{program_id}/disablement", status_code=204)
async def disable_machine(
    program_id: UUID, sent: DisablementAsked, work: Work, caller: PublisherAdmin
) -> None:
    """Shuts a program of the publisher out for good, with all its keys (11-b)."""
    await programs.disabled(work, PUBLISHER, program_id, sent, caller)
