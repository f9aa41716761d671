"""What may be done to a ticket, and when: the order of article 13.3, and nothing after it is closed."""

from services.ticketing.model.clocks import Criticality, NoAnomaly
from services.ticketing.model.handling import Finding, Leaving, Qualification
from services.ticketing.model.heard import Product
from services.ticketing.model.tickets import (
    LeftOut,
    ScopeReason,
    SetApart,
    Ticket,
    TicketKind,
    TicketState,
)
from services.ticketing.refusals.tickets import (
    AnswerOwed,
    ExplanationMissing,
    FixProvidedAlready,
    LeftOutAlready,
    NotForSupport,
    NotLeftOut,
    NotQualified,
    NotReproduced,
    NotSetApart,
    NotTakenInCharge,
    NotWaiting,
    PlanNotAsked,
    QualifiedAlready,
    ReproducedAlready,
    ScopeReasonMissing,
    SetApartAlready,
    TakenInChargeAlready,
    TicketClosedAlready,
    WaitingAlready,
)
from services.ticketing.rules.criticality import criticality_of

_LIMITED = frozenset({Criticality.one, Criticality.two})
_ALTERNATIVES = {
    ScopeReason.user_training: "Training is given by the publisher against payment: ask customer service.",
    ScopeReason.paid_remote_settings: "Settings are made remotely against payment: ask customer service.",
    ScopeReason.file_repair_or_transfer: "Files are repaired and transferred against payment, on a quote.",
    ScopeReason.installation: "Installation is an intervention against payment: ask customer service.",
    ScopeReason.extra_services: "This is an extra service against payment: ask customer service for a quote.",
    ScopeReason.custom_work: "Custom work is looked after by an intervention at the tariff in force.",
    ScopeReason.not_used_as_documented: "Training and assistance in use are given against payment.",
    ScopeReason.system_not_maintained: "An intervention against payment can help to move to another system.",
    ScopeReason.system_incompatible: "An intervention against payment can help to move to another system.",
    ScopeReason.prerequisites_not_met: "Meeting the prerequisites can be helped by a paid intervention.",
}


def require_open(ticket: Ticket) -> None:
    """Nothing is done to a closed ticket."""
    if ticket.state is TicketState.closed:
        raise TicketClosedAlready


def may_take_in_charge(ticket: Ticket) -> None:
    """13.2-d, 13.2-e: once, by a technician; the acknowledgement was none."""
    require_open(ticket)
    if ticket.taken_in_charge_at is not None:
        raise TakenInChargeAlready


def require_handled(ticket: Ticket) -> None:
    """13.3-a: open, and in charge."""
    require_open(ticket)
    _require_taken(ticket)


def _require_taken(ticket: Ticket) -> None:
    if ticket.taken_in_charge_at is None:
        raise NotTakenInCharge


def _require_anomaly(ticket: Ticket) -> None:
    """A support ticket in charge that was not left out."""
    require_open(ticket)
    _require_support(ticket)
    _require_taken(ticket)
    if ticket.left_out is not None:
        raise LeftOutAlready


def _require_support(ticket: Ticket) -> None:
    if ticket.kind is not TicketKind.support:
        raise NotForSupport


def may_qualify(ticket: Ticket) -> None:
    """13.3-a, 1-d: the publisher says how grave it is, once; anew only with a reason."""
    _require_anomaly(ticket)
    if ticket.qualified_at is not None:
        raise QualifiedAlready


def may_requalify(ticket: Ticket, qualification: Qualification) -> None:
    """R3: what was qualified may be so anew, with a reason, also after an answer that does not hold."""
    _require_anomaly(ticket)
    if ticket.qualified_at is None:
        raise NotQualified
    if not qualification.explanation:
        raise ExplanationMissing


def may_reproduce(ticket: Ticket) -> None:
    """13.3-a: before or after it is qualified, once."""
    _require_anomaly(ticket)
    if ticket.reproduced_at is not None:
        raise ReproducedAlready


def may_provide_plan(ticket: Ticket) -> None:
    """13.3-b: for an anomaly of criticality 1 that nothing answers yet."""
    _require_reproduced(ticket)
    if ticket.criticality is not Criticality.one or ticket.provided_at is not None:
        raise PlanNotAsked


def may_provide_fix(ticket: Ticket) -> None:
    """13.3-a, 13.3-c: for an anomaly that was taken in charge, qualified and reproduced."""
    _require_reproduced(ticket)
    if ticket.state is TicketState.provided:
        raise FixProvidedAlready


def _require_reproduced(ticket: Ticket) -> None:
    _require_anomaly(ticket)
    if ticket.qualified_at is None:
        raise NotQualified
    if ticket.reproduced_at is None:
        raise NotReproduced


def may_begin_wait(ticket: Ticket) -> None:
    """R3: time spent waiting for the customer is recorded."""
    require_handled(ticket)
    if ticket.waiting:
        raise WaitingAlready


def may_end_wait(ticket: Ticket) -> None:
    """R3."""
    require_open(ticket)
    if not ticket.waiting:
        raise NotWaiting


def may_leave_out(ticket: Ticket, leaving: Leaving) -> None:
    """13.2-b: with its reason; out of scope also says which part of the scope it is outside of."""
    require_open(ticket)
    _require_support(ticket)
    if ticket.left_out is not None:
        raise LeftOutAlready
    if (leaving.left_out is LeftOut.out_of_scope) != (leaving.scope is not None):
        raise ScopeReasonMissing


def may_set_apart(ticket: Ticket) -> None:
    """13.2-g, R9: one by one, for a duty of the customer's that was not met."""
    require_open(ticket)
    _require_support(ticket)
    if ticket.set_apart is not None:
        raise SetApartAlready


def may_withdraw_leaving_out(ticket: Ticket) -> None:
    """R9: what was a ticket after all counts as one, also once it is closed."""
    if ticket.left_out is None:
        raise NotLeftOut


def may_withdraw_setting_apart(ticket: Ticket) -> None:
    """R9: the customer had met its duty, also where the ticket is closed. A suspension stays (R3)."""
    if ticket.set_apart is not SetApart.duty_not_met:
        raise NotSetApart


def may_close(ticket: Ticket, *, by_customer: bool) -> None:
    """Once in charge; by the publisher only when it owes no answer within a limit (13.3-b, 13.3-c)."""
    require_handled(ticket)
    owed = ticket.criticality in _LIMITED and ticket.provided_at is None and ticket.left_out is None
    if owed and not by_customer:
        raise AnswerOwed


def finding_of(qualification: Qualification, ticket: Ticket, product: Product | None) -> Finding:
    """1-a to 1-d: the criticality, or why it is no anomaly, which needs an explanation."""
    found = criticality_of(
        departs=qualification.departs,
        reproducible=qualification.reproducible,
        essential=is_essential(qualification, ticket, product),
        inoperative=qualification.inoperative,
        workaround=qualification.workaround,
    )
    if not isinstance(found, NoAnomaly):
        return found
    if not qualification.explanation:
        raise ExplanationMissing
    return Leaving(LeftOut(found.value), qualification.explanation)


def is_essential(qualification: Qualification, ticket: Ticket, product: Product | None) -> bool:
    """1-a: as the technician says, else whether the catalogue names the ticket's feature as essential."""
    if qualification.essential is not None:
        return qualification.essential
    feature = ticket.description.feature
    if product is None or feature is None:
        return False
    return feature.strip().casefold() in {each.strip().casefold() for each in product.essential_features}


def alternative_to(scope: ScopeReason) -> str:
    """13.2-b: what the customer may ask for instead, against payment."""
    return _ALTERNATIVES[scope]
