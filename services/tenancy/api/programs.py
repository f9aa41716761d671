"""Programs of a customer: its administrator lets them in, gives them keys and shuts them out (11-a, 11-b).

An answer that holds a secret is shown once and stored nowhere, so giving a key takes no idempotency key: one
whose answer was lost is disabled, and another given.
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.auth import Caller
from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.preconditions import IfMatch, Precondition, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import FirmAdmin, instants_of, mounted_at, own_customer
from services.tenancy.commands import programs as commands
from services.tenancy.schemas import programs as shapes
from services.tenancy.schemas.people import DisablementAsked
from services.tenancy.store import programs as store

creating = APIRouter(tags=["programs"], route_class=IdempotentRoute)
router = APIRouter(tags=["programs"])
START = UUID(int=0)


@creating.post("/programs", status_code=201)
async def register_program(
    sent: shapes.ProgramAsked, work: Work, caller: FirmAdmin, request: Request, response: Response
) -> shapes.ProgramShown:
    """Lets a program in, for what its scopes say; it has no key yet."""
    program_id = await registered(work, own_customer(caller), sent, caller)
    response.headers["Location"] = f"{mounted_at(request)}/v1/programs/{program_id}"
    return await shown(work, own_customer(caller), program_id, response)


@router.get("/programs")
async def list_programs(work: Read, caller: FirmAdmin, paging: Paging) -> Page[shapes.ProgramShown]:
    """The customer's programs, disabled ones too."""
    return await listed(work, own_customer(caller), paging)


@router.get("/programs/{program_id}")
async def read_program(
    program_id: UUID, work: Read, caller: FirmAdmin, response: Response
) -> shapes.ProgramWithKeys:
    """One program with its newest keys: when each was last used, and when it ends; never a secret."""
    return await shown_with_keys(work, own_customer(caller), program_id, response)


@router.put("/programs/{program_id}")
async def change_program(
    program_id: UUID,
    sent: shapes.ProgramAsked,
    work: Work,
    caller: FirmAdmin,
    seen: IfMatch,
    response: Response,
) -> shapes.ProgramShown:
    """Another name and other scopes; tokens given before keep theirs, for ten minutes at most."""
    await changed(work, own_customer(caller), program_id, sent, seen)
    return await shown(work, own_customer(caller), program_id, response)


@router.post("/programs/{program_id}/keys", status_code=201)
async def give_program_key(
    program_id: UUID, sent: shapes.KeyAsked, work: Work, caller: FirmAdmin
) -> shapes.KeyGiven:
    """Gives a program a key: a secret, shown once, or the public key that is sent. Several live at once."""
    return await given(work, own_customer(caller), program_id, sent, caller)


@router.post("/programs/{program_id}/keys/{credential_id}/disablement", status_code=204)
async def disable_program_key(
    program_id: UUID, credential_id: UUID, sent: DisablementAsked, work: Work, caller: FirmAdmin
) -> None:
    """Disables a key; its tokens are refused everywhere within seconds (11-b)."""
    await key_disabled(work, own_customer(caller), (program_id, credential_id), sent, caller)


@router.post("/programs/{program_id}/disablement", status_code=204)
async def disable_program(program_id: UUID, sent: DisablementAsked, work: Work, caller: FirmAdmin) -> None:
    """Shuts a program out for good, with all its keys (11-b)."""
    await disabled(work, own_customer(caller), program_id, sent, caller)


async def registered(work: UnitOfWork, place: UUID, sent: shapes.ProgramAsked, caller: Caller) -> UUID:
    """Registers a program at a customer, or at the publisher; gives its id."""
    now = work.clock.business_now()
    program_id = await commands.register_program(
        work.tx, place, sent.name, sent.scopes, caller.person_id, now
    )
    await work.audit("register_program", subject=program_id, details=sent.model_dump())
    return program_id


async def shown(work: UnitOfWork, place: UUID, program_id: UUID, response: Response) -> shapes.ProgramShown:
    """The program as it stands, with its ETag."""
    row = await store.load_program(work.tx, place, program_id)
    show_etag(response, row.version)
    return shapes.ProgramShown.model_validate(row)


async def listed(work: UnitOfWork, place: UUID, paging: PageRequest) -> Page[shapes.ProgramShown]:
    """A page of the programs of a place."""
    after = paging.after(UUID) or (START,)
    rows = await store.list_programs(work.tx, place, after[0], paging.rows)
    return page_of(rows, paging, shapes.ProgramShown.model_validate, lambda row: [row.program_id])


async def shown_with_keys(
    work: UnitOfWork, place: UUID, program_id: UUID, response: Response
) -> shapes.ProgramWithKeys:
    """The program and its keys, with its ETag."""
    program = await shown(work, place, program_id, response)
    keys = await store.list_keys(work.tx, place, program_id)
    return shapes.ProgramWithKeys(
        **program.model_dump(), keys=[shapes.KeyShown.model_validate(key) for key in keys]
    )


async def changed(
    work: UnitOfWork, place: UUID, program_id: UUID, sent: shapes.ProgramAsked, seen: Precondition
) -> None:
    """Changes name and scopes of a program that was seen as it is."""
    was = await commands.change_program(work.tx, place, program_id, sent.name, sent.scopes, seen.require)
    before = {"name": was.name, "scopes": list(was.scopes)}
    after = {"name": sent.name, "scopes": sorted(set(sent.scopes))}
    await work.audit("change_program", subject=program_id, before=before, after=after)


async def given(
    work: UnitOfWork, place: UUID, program_id: UUID, sent: shapes.KeyAsked, caller: Caller
) -> shapes.KeyGiven:
    """Gives a key, which is shown this once."""
    key = await commands.give_key(
        work.tx, place, program_id, sent.as_key(), caller.person_id, instants_of(work.clock)
    )
    told = {"credential_id": str(key.credential_id), "name": key.name, "kind": key.kind.value}
    await work.audit("give_program_key", subject=program_id, details=told)
    return shapes.KeyGiven.model_validate(key)


async def key_disabled(
    work: UnitOfWork, place: UUID, ids: tuple[UUID, UUID], sent: DisablementAsked, caller: Caller
) -> None:
    """Disables a key, named by its program's id and its own."""
    program_id, credential_id = ids
    told = {"credential_id": str(credential_id), "reason": sent.reason}
    await work.audit("disable_program_key", subject=program_id, details=told)
    at = instants_of(work.clock)
    await commands.disable_key(work.tx, place, program_id, credential_id, caller.person_id, sent.reason, at)


async def disabled(
    work: UnitOfWork, place: UUID, program_id: UUID, sent: DisablementAsked, caller: Caller
) -> None:
    """Disables a program and all its keys."""
    await work.audit("disable_program", subject=program_id, details={"reason": sent.reason})
    at = instants_of(work.clock)
    await commands.disable_program(work.tx, place, program_id, caller.person_id, sent.reason, at)
