"""Who may bring a ticket to the publisher (17-a)."""

import pytest

from services.ticketing.refusals.clocks import TicketGoesToTheFirm
from services.ticketing.rules.asking import may_open_support_ticket


def test_companies_are_sent_to_their_firm() -> None:
    may_open_support_ticket(of_a_company=False)
    with pytest.raises(TicketGoesToTheFirm) as refused:
        may_open_support_ticket(of_a_company=True)
    assert refused.value.clause == "17-a"
