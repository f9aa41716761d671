"""The catalogue's decisions, each with what keeps it and what breaks it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.catalog import rules
from services.catalog.model import (
    Activation,
    Company,
    Customer,
    CustomerKind,
    Offering,
    OfferingText,
    StricterTerms,
    TermsKind,
    TermsVersion,
    Visibility,
    state_of,
)
from services.catalog.refusals import (
    ActivationUnknown,
    AlreadyDeactivated,
    CompanyNotActive,
    CompanyUnknown,
    CustomDevelopmentExcluded,
    DeactivationNotRequested,
    EndAlreadyAnnounced,
    EndInThePast,
    OfferingWithdrawn,
    TermsNotAcknowledged,
    TermsUnknown,
    TermsVersionReused,
)

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
BY = uuid4()
BACKUP_2 = StricterTerms(TermsKind.backup, 2, "Kept ten days, in three copies.")


def offering(*terms: StricterTerms, collaborative: bool = True) -> Offering:
    wording = OfferingText("Devis Factures", "Quotes and invoices", ("quote", "invoice"), terms)
    return Offering("devis-factures", wording, collaborative, False, NOW)


def activation(requested_at: datetime | None = None, deactivated_at: datetime | None = None) -> Activation:
    made = Activation(uuid4(), uuid4(), uuid4(), "devis-factures", NOW, BY)
    return replace(made, requested_at=requested_at, deactivated_at=deactivated_at)


class TestPublishing:
    def test_a_custom_development_is_refused_by_its_clause(self) -> None:
        with pytest.raises(CustomDevelopmentExcluded) as refused:
            rules.may_publish(replace(offering(), custom_development=True))
        assert (refused.value.clause, refused.value.article) == ("4-d", "4")

    def test_a_standard_service_is_published(self) -> None:
        rules.may_publish(offering())

    def test_published_terms_keep_their_text(self) -> None:
        reworded = replace(offering().text, stricter_terms=(replace(BACKUP_2, text="Kept five days."),))
        with pytest.raises(TermsVersionReused):
            rules.may_reword([BACKUP_2], reworded)

    def test_a_new_version_brings_a_new_text(self) -> None:
        newer = StricterTerms(TermsKind.backup, 3, "Kept twenty days.")
        rules.may_reword([BACKUP_2], replace(offering().text, stricter_terms=(newer,)))


class TestWithdrawal:
    def test_the_end_is_announced_with_its_day(self) -> None:
        ended = rules.withdraw(offering(), date(2026, 6, 30), NOW)
        assert (ended.withdrawn_at, ended.ends_on, ended.revision) == (NOW, date(2026, 6, 30), 2)

    def test_today_in_paris_is_the_earliest_end(self) -> None:
        late_in_london = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
        with pytest.raises(EndInThePast):
            rules.withdraw(offering(), date(2026, 3, 10), late_in_london)
        assert rules.withdraw(offering(), date(2026, 3, 11), late_in_london).ends_on == date(2026, 3, 11)

    def test_an_end_is_announced_once(self) -> None:
        ended = rules.withdraw(offering(), date(2026, 6, 30), NOW)
        with pytest.raises(EndAlreadyAnnounced):
            rules.withdraw(ended, date(2026, 7, 31), NOW)

    def test_the_announced_day_is_the_last_one_over_a_clock_change(self) -> None:
        assert rules.service_ends_at(date(2026, 3, 28)) == datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
        assert rules.service_ends_at(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)


class TestActivation:
    def test_a_withdrawn_service_takes_none(self) -> None:
        with pytest.raises(OfferingWithdrawn) as refused:
            rules.may_take_activations(rules.withdraw(offering(), date(2026, 6, 30), NOW), ())
        assert refused.value.clause == "3-d"

    def test_stricter_terms_are_shown_by_the_refusal_and_named_by_their_clause(self) -> None:
        with pytest.raises(TermsNotAcknowledged) as refused:
            rules.may_take_activations(offering(BACKUP_2), ())
        assert refused.value.clause == "4-e"
        assert "backup, version 2" in (refused.value.detail or "")
        assert BACKUP_2.text in (refused.value.detail or "")

    def test_the_version_in_force_is_what_counts(self) -> None:
        rules.may_take_activations(offering(BACKUP_2), {BACKUP_2.named})
        with pytest.raises(TermsNotAcknowledged):
            rules.may_take_activations(offering(BACKUP_2), {TermsVersion(TermsKind.backup, 1)})

    def test_every_kind_of_terms_is_acknowledged(self) -> None:
        security = StricterTerms(TermsKind.security, 1, "Two factors.")
        with pytest.raises(TermsNotAcknowledged) as refused:
            rules.may_take_activations(offering(BACKUP_2, security), {BACKUP_2.named})
        assert BACKUP_2.text not in (refused.value.detail or "")

    def test_invented_terms_cannot_be_acknowledged(self) -> None:
        with pytest.raises(TermsUnknown):
            rules.newly_acknowledged(offering(BACKUP_2), [TermsVersion(TermsKind.backup, 3)])

    def test_a_custom_development_is_never_activated(self) -> None:
        with pytest.raises(CustomDevelopmentExcluded):
            rules.may_take_activations(replace(offering(), custom_development=True), ())

    def test_a_company_is_known_and_active(self) -> None:
        rules.may_activate_for(Company(uuid4(), NOW, None))
        with pytest.raises(CompanyUnknown):
            rules.may_activate_for(None)

    @pytest.mark.parametrize(
        ("activated_at", "deactivated_at"),
        [(None, None), (None, NOW), (NOW, NOW), (NOW, NOW + timedelta(seconds=1))],
    )
    def test_a_company_not_active_is_refused(
        self, activated_at: datetime | None, deactivated_at: datetime | None
    ) -> None:
        with pytest.raises(CompanyNotActive):
            rules.may_activate_for(Company(uuid4(), activated_at, deactivated_at))

    def test_a_company_activated_again_is_active(self) -> None:
        rules.may_activate_for(Company(uuid4(), NOW + timedelta(days=1), NOW))


class TestDemonstration:
    FIRM = Customer(uuid4(), CustomerKind.accounting_firm)
    DIRECT = Customer(uuid4(), CustomerKind.direct)

    def test_a_collaborative_service_for_a_company_ends_it(self) -> None:
        assert rules.ends_demonstration(None, uuid4(), offering())

    def test_another_service_does_not(self) -> None:
        assert not rules.ends_demonstration(None, uuid4(), offering(collaborative=False))

    def test_the_firms_own_use_does_not_and_a_direct_customer_is_its_only_company(self) -> None:
        assert not rules.ends_demonstration(self.FIRM, None, offering())
        assert rules.ends_demonstration(self.DIRECT, None, offering())
        assert not rules.ends_demonstration(self.DIRECT, None, offering(collaborative=False))


class TestDeactivation:
    LATER = NOW + timedelta(days=3)

    def test_it_ends_at_once_where_nobody_confirms(self) -> None:
        ended = rules.deactivate(activation(), BY, self.LATER, confirmation_needed=False)
        assert (ended.requested_at, ended.deactivated_at) == (self.LATER, self.LATER)
        assert state_of(ended) == "deactivated"

    def test_it_waits_where_support_confirms_and_the_request_governs(self) -> None:
        agent = uuid4()
        asked = rules.deactivate(activation(), BY, self.LATER, confirmation_needed=True)
        assert (asked.requested_at, asked.deactivated_at) == (self.LATER, None)
        assert state_of(asked) == "deactivation_requested"
        ended = rules.confirm(asked, agent)
        assert (ended.deactivated_at, ended.confirmed_by) == (self.LATER, agent)

    def test_asking_again_keeps_the_first_request(self) -> None:
        asked = rules.deactivate(activation(), BY, self.LATER, confirmation_needed=True)
        again = rules.deactivate(asked, uuid4(), self.LATER + timedelta(days=1), confirmation_needed=True)
        assert again == asked

    def test_a_fact_from_before_the_activation_ends_it_where_it_began(self) -> None:
        ended = rules.deactivate(activation(), None, NOW - timedelta(days=1), confirmation_needed=False)
        assert ended.deactivated_at == NOW

    def test_what_has_ended_is_not_ended_again(self) -> None:
        with pytest.raises(AlreadyDeactivated):
            rules.deactivate(activation(deactivated_at=NOW), BY, self.LATER, confirmation_needed=False)

    def test_nothing_to_confirm_without_a_request_or_twice(self) -> None:
        with pytest.raises(DeactivationNotRequested):
            rules.confirm(activation(), BY)
        with pytest.raises(DeactivationNotRequested):
            rules.confirm(activation(requested_at=NOW, deactivated_at=NOW), BY)

    def test_an_unknown_activation_is_neither_ended_nor_confirmed(self) -> None:
        with pytest.raises(ActivationUnknown):
            rules.deactivate(None, BY, NOW, confirmation_needed=False)
        with pytest.raises(ActivationUnknown):
            rules.confirm(None, BY)


@pytest.mark.parametrize(
    ("shown", "rights", "seen"),
    [
        (None, None, True),
        ({"a"}, None, True),
        ({"b"}, None, False),
        (None, {"a"}, True),
        (None, set(), False),
        ({"a"}, {"b"}, False),
        ({"b"}, {"a"}, False),
        ({"a"}, {"a"}, True),
    ],
)
def test_an_offering_is_seen_where_shown_and_by_right(
    shown: set[str] | None, rights: set[str] | None, seen: bool
) -> None:
    visibility = Visibility(
        None if shown is None else frozenset(shown), None if rights is None else frozenset(rights)
    )
    assert rules.sees(visibility, "a") is seen
