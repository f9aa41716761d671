"""Tries are bounded, and nobody can lock a person out by failing in its name."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from services.tenancy.api.sessions import DEVICE_COOKIE
from services.tenancy.commands import door
from services.tenancy.throttle import Throttle
from tests.integration.tenancy.portal import PASSWORD, Firm, Portal, slug_of

STRANGER = "203.0.113.66"


def device_of(answer: httpx.Response) -> str:
    """The cookie by which a device is known next time."""
    found: str = answer.cookies[DEVICE_COOKIE]
    return found


async def hammered(portal: Portal, firm: Firm, address: str = STRANGER) -> None:
    """Somebody elsewhere has failed in the name of claire until it was refused."""
    for number in range(door.OF_PAIR.quota + 1):
        answer = await portal.log_in(firm.slug, "claire", f"guess number {number:06}", address=address)
    assert (answer.status_code, slug_of(answer)) == (429, "too-many-attempts")


async def test_a_stranger_is_refused_and_the_person_enters_from_elsewhere(portal: Portal) -> None:
    firm = await portal.new_firm()
    await hammered(portal, firm)
    even_right = await portal.log_in(firm.slug, "claire", PASSWORD, address=STRANGER)
    assert slug_of(even_right) == "too-many-attempts"
    assert (await portal.log_in(firm.slug, "claire", PASSWORD)).status_code == 201


async def test_tries_at_once_are_counted_one_by_one_and_say_when_to_come_back(portal: Portal) -> None:
    firm = await portal.new_firm()
    tries = await asyncio.gather(
        *(portal.log_in(firm.slug, "claire", f"guess number {n:06}", address=STRANGER) for n in range(14))
    )
    refused = [answer for answer in tries if answer.status_code == 429]
    assert len(refused) == 14 - door.OF_PAIR.quota
    assert all(1 <= int(answer.headers["retry-after"]) <= 900 for answer in refused)


async def test_many_strangers_together_are_refused_and_the_persons_own_device_is_not(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = await portal.new_firm()
    known = device_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    monkeypatch.setattr(door, "OF_ACCOUNT", Throttle("login-account-narrow", 3, timedelta(hours=1)))
    answers = [
        await portal.log_in(firm.slug, "claire", "guess guess guess", address=f"203.0.113.{n}")
        for n in range(4)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    elsewhere = await portal.log_in(firm.slug, "claire", PASSWORD, address="198.51.100.200")
    assert slug_of(elsewhere) == "too-many-attempts"
    entered = await portal.log_in(firm.slug, "claire", PASSWORD, address="198.51.100.200", device=known)
    assert entered.status_code == 201


async def test_a_known_device_is_bounded_by_itself(portal: Portal) -> None:
    firm = await portal.new_firm()
    known = device_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    for _ in range(door.OF_DEVICE.quota):
        await portal.log_in(firm.slug, "claire", "guess guess guess", device=known)
    refused = await portal.log_in(firm.slug, "claire", PASSWORD, device=known)
    assert slug_of(refused) == "too-many-attempts"
    assert (await portal.log_in(firm.slug, "claire", PASSWORD)).status_code == 201


async def test_another_accounts_device_and_a_made_up_one_count_as_none(portal: Portal) -> None:
    firm, other = await portal.new_firm(), await portal.new_firm()
    theirs = device_of(await portal.log_in(other.slug, "claire", PASSWORD))
    await hammered(portal, firm)
    for device in (theirs, "sealed:made-up", "made-up"):
        refused = await portal.log_in(firm.slug, "claire", PASSWORD, address=STRANGER, device=device)
        assert slug_of(refused) == "too-many-attempts"


async def test_tries_are_bounded_by_address(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = Throttle("login-address-narrow", 3, timedelta(minutes=5))
    monkeypatch.setattr(door, "OF_ADDRESS", narrow)
    answers = [await portal.log_in("x-y-z", f"one{n}", PASSWORD, address="203.0.113.9") for n in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert (await portal.log_in("x-y-z", "one", PASSWORD, address="203.0.113.10")).status_code == 401
