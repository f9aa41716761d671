"""Whose a mail is, when it is worked on, and what no person wrote."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusals import Refusal
from services.ticketing.model.mail import (
    About,
    Envelope,
    Head,
    MailReason,
    MailState,
    ReadMail,
    SenderKind,
    Whose,
)
from services.ticketing.refusals.clocks import TicketGoesToTheFirm
from services.ticketing.refusals.mail import DomainShared, MailNotHeld, MailSettled, SenderMalformed
from services.ticketing.refusals.tickets import CompanyUnknown
from services.ticketing.rules import mail as rules
from services.ticketing.rules.mail_answers import refusal_mail
from services.ticketing.rules.mail_wording import author_of, described, written

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
HEAD = Head(
    "claire@cabinet.example", "Claire", (), "A quote", "<1@cabinet.example>", (), None, 3, None, False
)
ONE, OTHER, TICKET, COMPANY = (UUID(int=number) for number in range(1, 5))
OWN = frozenset({"support@portal.example"})


def ignored(head: Head, sender: str | None = "claire@cabinet.example", *, ours: bool = False) -> str | None:
    return rules.ignored_because(head, Envelope(sender), OWN, answers_own=ours)


def test_a_persons_mail_is_heard() -> None:
    assert ignored(HEAD) is None
    assert ignored(HEAD, None) is None


def test_no_persons_mail_is_not() -> None:
    assert ignored(HEAD, "") is MailReason.null_return_path
    assert ignored(HEAD, "<>") is MailReason.null_return_path
    assert ignored(replace(HEAD, automatic=MailReason.bulk)) is MailReason.bulk
    assert ignored(replace(HEAD, hops=25)) is None
    assert ignored(replace(HEAD, hops=26)) is MailReason.went_in_circles
    assert ignored(HEAD, ours=True) is MailReason.own_mail
    assert ignored(replace(HEAD, sender="support@portal.example")) is MailReason.own_mail
    assert ignored(replace(HEAD, sender="support+1000-0014@portal.example")) is MailReason.own_mail


def test_the_thirty_first_mail_of_a_sender_within_an_hour_is_one_too_many() -> None:
    assert [rules.is_one_too_many(before) for before in (0, 29, 30, 31)] == [False, False, True, True]


def test_a_customers_sixty_first_mail_of_a_minute_waits_for_the_next() -> None:
    assert rules.worked_at(NOW, None) == NOW
    assert rules.worked_at(NOW, NOW) == NOW + timedelta(minutes=1)
    assert rules.worked_at(NOW, NOW - timedelta(minutes=2)) == NOW


@given(st.integers(0, 200), st.integers(0, 200))
def test_however_many_go_on_no_minute_has_more_than_its_share(before: int, count: int) -> None:
    first = rules.turns(NOW, [], before)
    after = rules.turns(NOW, first[-rules.PER_CUSTOMER :], count)
    assert [*first, *after] == rules.turns(NOW, [], before + count)
    assert [*first, *after] == sorted([*first, *after])
    assert max(Counter([*first, *after]).values(), default=0) <= rules.PER_CUSTOMER
    assert {(each - NOW) % rules.CUSTOMER_WINDOW for each in after} <= {timedelta(0)}


def test_a_sender_is_told_of_a_refusal_once_a_day() -> None:
    assert rules.may_answer(None, NOW)
    assert not rules.may_answer(NOW - timedelta(hours=23), NOW)
    assert rules.may_answer(NOW - timedelta(hours=24), NOW)


FIRM, FIRMS_COMPANY, ELSEWHERE = Whose(ONE), Whose(ONE, COMPANY), Whose(OTHER)
HIS, NOT_HIS = About(ONE, TICKET, from_contact=True), About(ONE, TICKET, from_contact=False)
DESTINATIONS = {
    "a sender that is known": (None, [FIRM], rules.NewTicketOf(FIRM)),
    "one that is not": (None, [], MailReason.sender_unknown),
    "one of two customers": (None, [FIRM, ELSEWHERE], MailReason.sender_ambiguous),
    "the firm before its company": (None, [FIRMS_COMPANY, FIRM], rules.NewTicketOf(FIRM)),
    "a company alone": (None, [FIRMS_COMPANY], rules.NewTicketOf(FIRMS_COMPANY)),
    "a ticket of its customer": (NOT_HIS, [FIRM], rules.ToTicket(NOT_HIS, FIRM)),
    "a ticket of one of its customers": (NOT_HIS, [ELSEWHERE, FIRM], rules.ToTicket(NOT_HIS, FIRM)),
    "another customer's ticket": (NOT_HIS, [ELSEWHERE], MailReason.sender_not_of_ticket),
    "a ticket by nobody known": (NOT_HIS, [], MailReason.sender_unknown),
    "a ticket by its contact": (HIS, [], rules.ToTicket(HIS, FIRM)),
}


@pytest.mark.parametrize(("about", "known", "where"), DESTINATIONS.values(), ids=DESTINATIONS)
def test_a_mail_goes_where_its_sender_may_write(
    about: About | None, known: list[Whose], where: rules.Destination
) -> None:
    assert rules.destination_of(HEAD, about, known) == where


def test_a_sender_that_is_not_who_it_says_is_left_to_an_agent() -> None:
    assert rules.destination_of(replace(HEAD, said_forged=True), HIS, [FIRM]) is MailReason.said_forged
    assert rules.destination_of(replace(HEAD, sender=None), HIS, [FIRM]) is MailReason.sender_unreadable


def test_an_agent_says_whose_a_mail_is_but_opens_no_other_customers_ticket() -> None:
    assert rules.destination_said(NOT_HIS, ONE) == rules.ToTicket(NOT_HIS, FIRM)
    assert rules.destination_said(NOT_HIS, OTHER) == rules.NewTicketOf(ELSEWHERE)
    assert rules.destination_said(None, OTHER) == rules.NewTicketOf(ELSEWHERE)


MAY = {
    MailState.received: (MailSettled, None, MailNotHeld),
    MailState.done: (MailSettled, MailSettled, MailNotHeld),
    MailState.ignored: (None, None, MailNotHeld),
    MailState.held: (None, None, None),
    MailState.unmatched: (None, None, MailNotHeld),
    MailState.refused: (None, None, MailNotHeld),
    MailState.discarded: (None, MailSettled, MailNotHeld),
}


@pytest.mark.parametrize("state", MailState)
def test_what_an_agent_may_decide_depends_on_what_became_of_a_mail(state: MailState) -> None:
    for decide, no in zip((rules.may_assign, rules.may_discard, rules.may_release), MAY[state], strict=True):
        if no is None:
            decide(state)
        else:
            with pytest.raises(no):
                decide(state)


def test_references_stand_after_a_plus_and_in_brackets() -> None:
    head = replace(HEAD, recipients=("support+1000-0014@portal.example",), subject="Re: [1000-0022] A quote")
    envelope = Envelope("x@y.example", "Support+1000-0030@portal.example")
    assert list(rules.references_in(head, envelope)) == ["1000-0030", "1000-0014", "1000-0022"]
    assert list(rules.references_in(replace(HEAD, subject="[urgent] [2026]"), Envelope())) == []


def test_a_mail_of_ours_is_known_by_what_stands_before_the_at() -> None:
    ours = "a" * 40
    head = replace(HEAD, references=("<0@cabinet.example>", f"<{ours}@livret.example>"))
    assert rules.thread_ids(head) == [ours, "<0@cabinet.example>"]


def test_a_sender_is_an_address_or_a_domain_that_is_somebodys() -> None:
    assert rules.sender_kind("claire@gmail.com") is SenderKind.address
    assert rules.sender_kind("cabinet.example") is SenderKind.domain
    with pytest.raises(DomainShared):
        rules.sender_kind("gmail.com")
    for value in ("cabinet", "@cabinet.example", "a b@cabinet.example", "claire@", "*.example"):
        with pytest.raises(SenderMalformed):
            rules.sender_kind(value)


def test_a_mail_becomes_a_description_within_its_bounds() -> None:
    mail = ReadMail(HEAD, "new", "new\n> old", (), is_broken=False)
    assert (described(mail, []).subject, described(mail, []).context) == ("A quote", "new\n> old")
    assert written(mail, ["[no]"]) == "new\n\n[no]"
    long = described(replace(mail, whole="a" * 50_000), ["[Attachment x was refused]"])
    assert len(long.context) <= 20_000
    assert long.context.endswith("[Attachment x was refused]")
    assert "original" in long.context
    nothing = replace(mail, head=replace(HEAD, subject=" "), whole="", text="")
    assert (described(nothing, []).subject, described(nothing, []).context) == ("", "")
    bare = replace(mail, head=replace(HEAD, subject=""), whole="It fails.\nAlways.")
    assert described(bare, []).subject == "It fails."
    assert author_of(HEAD) == "Claire <claire@cabinet.example>"


@pytest.mark.parametrize("refusal", [TicketGoesToTheFirm(), CompanyUnknown("secret")], ids=["told", "other"])
def test_a_refusal_is_told_in_both_languages(refusal: Refusal) -> None:
    subject, text = refusal_mail(refusal)
    assert "\n" not in subject
    assert refusal.sentence in text
    assert "Bonjour" in text
    assert "secret" not in text
