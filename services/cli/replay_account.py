"""What a replay comes to, in words and as JSON: every case and every event, then the contract's share."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.cli.ticket_log import Log
    from services.ticketing.model.compliance import Compliance
    from services.ticketing.model.replay import Account
    from services.ticketing.schemas.compliance import ShareShown, YearShown

COMPLAINTS = 5


def as_text(log: "Log", account: "Account", compliance: "Compliance") -> str:
    """For people."""
    parts = (_cases(log, account), _events(log, account), _compliance(compliance))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def as_json(log: "Log", account: "Account", compliance: "Compliance") -> str:
    """For programs."""
    from services.ticketing.schemas.compliance import ComplianceShown

    told = {
        "log": log.name,
        "lines_unreadable": [{"line": line, "why": why} for line, why in log.unreadable],
        "cases": _counted_cases(account),
        "events": _counted_events(account),
        "refused": _refused(account),
        "compliance": ComplianceShown.of(compliance).model_dump(mode="json"),
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _counted_cases(account: "Account") -> dict[str, int]:
    tickets = account.registered
    return {
        "cases": len(account.cases),
        "registered": len(tickets),
        "not_registered": len(account.cases) - len(tickets),
        "registered_in_closed_hours": account.closed_hours,
        "registered_at_a_weekend": account.weekend,
        "taken_in_charge": sum(case.taken for case in tickets),
        "never_taken_in_charge": sum(not case.taken for case in tickets),
        "closed": sum(case.closed for case in tickets),
        "still_open": sum(not case.closed for case in tickets),
    }


def _counted_events(account: "Account") -> dict[str, Any]:
    return {
        "events": account.events,
        "registered_their_case": account.registering,
        "done": {deed.value: number for deed, number in sorted(account.done.items())},
        "stand_for_nothing": dict(sorted(account.nothing.items())),
        "refused": sum(account.refused.values()),
        "of_cases_that_were_not_registered": account.unregistered,
        "waits_ended_by_what_came_next": account.waits_ended,
    }


def _refused(account: "Account") -> list[dict[str, Any]]:
    return [
        {
            "deed": reason.deed.value,
            "reason": reason.slug,
            "events": number,
            "first_line": account.refused_first[reason][0],
            "sentence": account.refused_first[reason][1],
        }
        for reason, number in account.refused.most_common()
    ]


def _cases(log: "Log", account: "Account") -> Iterator[str]:
    first, last = _local(log.events[0].at), _local(log.events[-1].at)
    yield f"{log.name}: {account.events:,} events of {len(account.cases):,} cases, {first} to {last}"
    yield f"  {len(log.unreadable):>8,}  lines that say no event"
    for line, why in log.unreadable[:COMPLAINTS]:
        yield f"            line {line}: {why}"
    words = {name.replace("_", " "): number for name, number in _counted_cases(account).items()}
    yield from (f"  {number:>8,}  {name}" for name, number in words.items())


def _events(log: "Log", account: "Account") -> Iterator[str]:
    told = _counted_events(account)
    yield f"Each of the {told['events']:,} events:"
    yield f"  {told['registered_their_case']:>8,}  registered their case, and stand for nothing else"
    yield from (f"  {number:>8,}  done: {deed}" for deed, number in told["done"].items())
    for activity, number in told["stand_for_nothing"].items():
        yield f"  {number:>8,}  no act of the contract: {activity}"
    for one in _refused(account):
        first = f"(first: line {one['first_line']})"
        yield f"  {one['events']:>8,}  refused: {one['deed']}, {one['reason']} {first}"
        yield f"            {one['sentence']}"
    yield f"  {told['of_cases_that_were_not_registered']:>8,}  of cases that were not registered"
    yield f"Besides, {told['waits_ended_by_what_came_next']:,} waits were ended by what came next."


def _compliance(compliance: "Compliance") -> Iterator[str]:
    from services.ticketing.schemas.compliance import ComplianceShown

    shown = ComplianceShown.of(compliance)
    yield f"Taken in charge in time, as at {_local(shown.as_of)}:"
    for year in shown.years:
        yield from _year(year)
    yield f"  {shown.outside:,} tickets outside every year of support"
    yield "By these:"
    yield from (f"  {one.clause}: {one.sentence}" for one in shown.definition)


def _year(year: "YearShown") -> Iterator[str]:
    so_far = " (so far)" if year.running else ""
    yield f"  Year {year.number}, {year.starts_on} to {year.last_day}{so_far}: {year.tickets:,} tickets"
    yield (
        f"    {year.counted:,} counted, {year.pending:,} pending, {year.left_out:,} left out,"
        f" {year.set_apart:,} set apart"
    )
    yield f"    {_share(year.share, year.committed_percent)}"
    for reason in year.reasons:
        number = reason.kept + reason.missed + reason.running
        yield f"    {reason.standing}: {number:,} {reason.reason}"
    if year.left_out or year.set_apart:
        for name in ("with_left_out", "with_set_apart", "with_both"):
            yield f"    {name.replace('_', ' ')}: {_share(getattr(year, name), year.committed_percent)}"


def _share(share: "ShareShown", committed: int) -> str:
    if share.rate is None:
        return "no ticket, no rate"
    verdict = "kept" if share.commitment_kept else "NOT kept"
    rate = f"{share.kept:,} kept, {share.missed:,} missed: {share.rate} %"
    return f"{rate}; the commitment of {committed} % is {verdict}"


def _local(instant: datetime) -> str:
    from services.ticketing.share_terms import zone

    return instant.astimezone(zone()).isoformat(sep=" ", timespec="seconds")
