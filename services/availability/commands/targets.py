"""Operations say what is watched, from where; a place is handed what it watches."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from chassis.db import Database, Scope, Tx
from chassis.sealing import Sealer
from services.availability.commands.outages import require_known
from services.availability.model.probes import Assignment, Place, Target, TargetText
from services.availability.model.records import OutageSource
from services.availability.refusals.probes import PlaceUnknown, TargetIsDown
from services.availability.rules.following import begun_anew
from services.availability.rules.scripts import may_watch
from services.availability.store import outages, places, probes
from services.availability.store import targets as store


async def add_target(
    tx: Tx, told: TargetText, secrets: Mapping[str, str], sealer: Sealer, now: datetime
) -> Target:
    """Watches another target from now on; its secrets are sealed at rest."""
    await _require_fit(tx, told, secrets)
    target = Target(uuid4(), told, revision=1, secrets=tuple(sorted(secrets)))
    await store.insert_target(tx, target, now)
    await store.save_secrets(tx, target.target_id, (), _sealed(secrets, sealer))
    return target


async def change_target(
    tx: Tx, before: Target, told: TargetText, secrets: Mapping[str, str], sealer: Sealer, now: datetime
) -> Target:
    """Watches it otherwise, a target that was locked. Secrets that the script still names and that are not
    given anew are kept. What was found of it before says nothing of it any more, but an outage that goes on
    goes on.
    """
    kept = {*before.secrets} - {*secrets}
    await _require_fit(tx, told, {*kept, *secrets})
    if told.paused and not before.text.paused:
        await _require_up(tx, before)
    names = tuple(sorted({*kept, *secrets}))
    target = Target(before.target_id, told, before.revision + 1, names)
    await store.save_target(tx, target)
    await store.save_secrets(tx, target.target_id, kept, _sealed(secrets, sealer))
    await _begin_anew(tx, before, target, now)
    return target


async def remove_target(tx: Tx, target: Target, now: datetime) -> None:
    """Watches it no more."""
    await _require_up(tx, target)
    await store.remove_target(tx, target.target_id, now)


async def define_place(tx: Tx, place: Place) -> Place:
    """A place from where targets are watched, new or in other words."""
    return await places.define_place(tx, place)


async def assignments(tx: Tx, place: str, sealer: Sealer) -> list[Assignment]:
    """All that a place watches, its secrets opened."""
    targets = await store.list_targets_of(tx, place)
    sealed = await store.list_sealed(tx, [target.target_id for target in targets])
    return [
        Assignment(
            target.target_id,
            target.revision,
            target.text.watch.interval_seconds,
            target.text.script,
            {name: sealer.opened(secret) for name, secret in sealed[target.target_id].items()},
            target.text.paused,
        )
        for target in targets
    ]


async def reseal_secrets(db: Database, sealer: Sealer) -> int:
    """Seals the secrets of targets under the newest key; how many were under another."""
    async with db.transaction(Scope.portal()) as tx:
        stale = [one for one in await store.list_every_sealed(tx) if not sealer.is_current(one[2])]
        for target_id, name, sealed in stale:
            await store.save_sealed(tx, target_id, name, sealer.resealed(sealed))
    return len(stale)


async def _require_fit(tx: Tx, told: TargetText, secrets: Mapping[str, str] | set[str]) -> None:
    may_watch(told, secrets)
    await require_known(tx, told.offering_code, None)
    unknown = await places.list_unknown_places(tx, told.watch.places)
    if unknown:
        raise PlaceUnknown(detail=", ".join(unknown))


async def _require_up(tx: Tx, target: Target) -> None:
    found = await outages.find_open(tx, OutageSource.probe, str(target.target_id))
    if found is not None:
        raise TargetIsDown(detail=str(found.outage_id))


async def _begin_anew(tx: Tx, before: Target, target: Target, now: datetime) -> None:
    known = (await probes.lock_standings(tx, [target.target_id]))[target.target_id]
    findings = []
    if not known.is_settled:
        findings = await probes.list_findings(tx, before.target_id, before.revision, known.known_until)
    anew = begun_anew(known, findings, before.text.watch, target.text.watch, now)
    await probes.save_standing(tx, target.target_id, anew)


def _sealed(secrets: Mapping[str, str], sealer: Sealer) -> dict[str, str]:
    return {name: sealer.seal(secret) for name, secret in secrets.items()}
