"""Who may bring a ticket to the publisher."""

from services.ticketing.refusals.clocks import TicketGoesToTheFirm


def may_open_support_ticket(of_a_company: bool) -> None:
    """17-a: the firm alone runs the relation with its companies: they ask it, not the publisher."""
    if of_a_company:
        raise TicketGoesToTheFirm
