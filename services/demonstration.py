"""The demonstration portal: the publisher's staff, an accounting firm, its companies, and services in use.

Made once, through the same commands and routes as anything else; found again on later starts. All of it is
fictional, and its password is known to everybody: it is for a portal on one's own machine.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher

from chassis.auth import PUBLISHER_ROLES, Role
from chassis.clock import Clock, system_now
from chassis.db import Database, Scope, Tx
from chassis.scopes import scopes_of
from chassis.sealing import Sealer
from services.cli.entrance import Entered, Refused, entered
from services.tenancy import passwords, totp
from services.tenancy.commands.companies import activate_all, register_company
from services.tenancy.commands.credentials import Giver, Instants, give_secret, give_to_companies
from services.tenancy.commands.customers import register_customer
from services.tenancy.commands.people import NewPerson, add_person
from services.tenancy.commands.rights import settle_rights_of_each
from services.tenancy.model import (
    PUBLISHER,
    PUBLISHER_PORTAL,
    Address,
    CustomerKind,
    Entrant,
    NewCompany,
    NewCustomer,
    SupportPlan,
)
from services.tenancy.program_model import KeyKind
from services.tenancy.refusals import CredentialUnknown
from services.tenancy.rules.establishments import is_siret
from services.tenancy.rules.programs import key_end
from services.tenancy.store import factors, programs
from services.tenancy.store.customers import find_customer_id
from services.tenancy.store.sessions import find_by_credential, save_password

PASSWORD = "demonstration-livret"  # noqa: S105 - known to everybody, on purpose
AUTHENTICATOR = "LIVRETDEMONSTRATIONLIVRETDEMONST"
"""The secret of the staff's second factors, as well known as the password."""
FIRM_PORTAL = "cabinet-moreau"
HEARD_WITHIN_SECONDS = 20.0

STAFF = (
    ("admin", "Alice Martin", Role.publisher_admin),
    ("support", "Bruno Petit", Role.support_agent),
    ("operations", "Chloé Garnier", Role.operations),
    ("billing", "David Lefèvre", Role.billing),
)
FIRM_PEOPLE = (("claire", "Claire Moreau", Role.firm_admin), ("paul", "Paul Rivière", Role.firm_collaborator))
COMPANIES = (
    ("Boulangerie Les Trois Épis", "57000", "Metz"),
    ("Garage du Pont", "57000", "Metz"),
    ("Menuiserie Colin", "54000", "Nancy"),
    ("Pharmacie de la Gare", "67000", "Strasbourg"),
    ("Fleurs de Saison", "51100", "Reims"),
    ("Transports Vallier", "69003", "Lyon"),
    ("Atelier Couture Inès", "75011", "Paris"),
    ("Librairie du Marché", "44000", "Nantes"),
    ("Plomberie Armor", "29200", "Brest"),
    ("Vignobles Castel d'Oc", "34000", "Montpellier"),
    ("Hôtel Bella Vista", "20200", "Bastia"),
    ("Studio Pixel", "59000", "Lille"),
)
OF_COMPANY = (("boulangerie", "Emma Colas", Role.company_admin), ("epis", "Lucas Colas", Role.company_user))
OFFERINGS: tuple[dict[str, Any], ...] = (
    {"code": "devis-factures-start", "name": "Devis Factures Start", "collaborative": False},
    {"code": "devis-factures", "name": "Devis Factures", "collaborative": True},
    {"code": "notes-de-frais", "name": "Notes de frais", "collaborative": True, "confirmation_needed": True},
    {"code": "banque", "name": "Relevés bancaires", "collaborative": False},
)
RIGHTS = ["banque", "devis-factures"]


@dataclass(frozen=True, slots=True)
class Login:
    """What one types at the door."""

    portal: str
    identifier: str
    role: Role

    def __str__(self) -> str:
        told = f"{self.role.value:18} portal {self.portal:15} {self.identifier:12} {PASSWORD}"
        return f"{told}  + code" if self.role in PUBLISHER_ROLES else told


@dataclass(frozen=True, slots=True)
class Partner:
    """What the firm's program presents."""

    client_id: UUID
    secret: str
    scopes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{Role.partner.value:18} client {self.client_id} secret {self.secret}"


PARTNER = Partner(
    UUID("11111111-2222-4333-8444-555555555555"),
    f"{PASSWORD}-partner",
    tuple(sorted(scopes_of(Role.partner))),
)
HOW_TO_CODE = f"A code, for the staff's second factor: livret totp {AUTHENTICATOR}"


def logins() -> list[object]:
    """Everybody who can log in, a line each, and how to have a code."""
    staff = [Login(PUBLISHER_PORTAL, identifier, role) for identifier, _, role in STAFF]
    firm = [Login(FIRM_PORTAL, identifier, role) for identifier, _, role in (*FIRM_PEOPLE, *OF_COMPANY)]
    return [*staff, *firm, PARTNER, HOW_TO_CODE]


async def seed(origin: str, tenancy_database_url: str, sealing_keys: str) -> Sequence[object]:
    """Makes what is missing of the demonstration on a running portal; gives its logins, a line each.

    Tenancy's part is one transaction: there is all of it, or nothing. The catalogue's part goes through its
    API, which hears of the firm by events. Once people have changed what they found, it is left to them.
    """
    db = Database.create(tenancy_database_url, pool_size=1, application_name="livret-demonstration")
    try:
        clock = await Clock.load(db)
        async with db.transaction(Scope.portal()) as tx:
            if await find_customer_id(tx, FIRM_PORTAL) is None:
                hashed = PasswordHasher().hash(PASSWORD)
                at = Instants(clock.business_now(), clock.system_now())
                await _people_and_companies(tx, hashed, Sealer.of(sealing_keys), at)
    finally:
        await db.close()
    try:
        await _catalogue(origin)
    except Refused as refused:
        return [*logins(), f"The demonstration's services were left as they are: {refused}"]
    return logins()


async def _people_and_companies(tx: Tx, hashed: str, sealer: Sealer, at: Instants) -> None:
    publisher = Giver(Role.publisher_admin)
    for person in STAFF:
        entrant = await _enrol(tx, PUBLISHER, person, publisher, at, hashed)
        await factors.begin(tx, entrant, sealer.seal(AUTHENTICATOR), at.system)
        await factors.enrol(tx, entrant, 0, [], at.system)
    customer_id = await register_customer(tx, _firm(at.business.date()), None, at.business)
    await _enrol(tx, customer_id, FIRM_PEOPLE[0], publisher, at, hashed)
    await _enrol(tx, customer_id, FIRM_PEOPLE[1], Giver(Role.firm_admin), at, hashed)
    ids = [
        await register_company(tx, customer_id, NewCompany(_siret(n), name, "", postcode, city), at.business)
        for n, (name, postcode, city) in enumerate(COMPANIES, start=1)
    ]
    await activate_all(tx, customer_id, ids[:10], at.business)
    await settle_rights_of_each(tx, customer_id, ids[:10], RIGHTS, at.business)
    for person in OF_COMPANY:
        await _enrol(tx, customer_id, person, Giver(Role.firm_admin), at, hashed, ids[0])
    await give_to_companies(tx, customer_id, ids[1:8], renew=False, by=None, at=at)
    await _let_in(tx, customer_id, PARTNER, at)


def _firm(today: date) -> NewCustomer:
    return NewCustomer(
        kind=CustomerKind.accounting_firm,
        name="Cabinet Moreau",
        siret=_siret(0),
        vat=None,
        address=Address("4 rue des Jardins", "57000", "Metz"),
        portal=FIRM_PORTAL,
        support_plan=SupportPlan.private,
        support_starts_on=today,
        contract_starts_on=today,
        term_months=12,
        professional_use=True,
    )


def _siret(number: int) -> str:
    """A SIRET that checks, among numbers that no company bears."""
    stem = f"9999{number:04}"
    return next(
        siret for check in range(10) for last in range(10) if is_siret(siret := f"{stem}{check}0001{last}")
    )


async def _enrol(
    tx: Tx,
    customer_id: UUID,
    person: tuple[str, str, Role],
    giver: Giver,
    at: Instants,
    hashed: str,
    company_id: UUID | None = None,
) -> Entrant:
    """Adds a person with an identifier and, in the place of its one-time secret, the known password."""
    identifier, name, role = person
    new = NewPerson(name, role, f"{identifier}@livret.example", company_id)
    person_id = await add_person(tx, customer_id, new, giver.role, at.business)
    given = await give_secret(tx, customer_id, person_id, identifier, giver, at)
    entrant = await find_by_credential(tx, customer_id, given.credential_id)
    if entrant is None:
        raise CredentialUnknown
    await save_password(tx, entrant, hashed, at.business)
    return entrant


async def _let_in(tx: Tx, customer_id: UUID, partner: Partner, at: Instants) -> None:
    """A program of the firm, with the known client id and the known secret."""
    program = {"customer_id": customer_id, "program_id": partner.client_id}
    told = {"name": "Comptabilité", "role": Role.partner, "scopes": list(partner.scopes)}
    registered = {"registered_at": at.business, "registered_by": None}
    await programs.insert_program(tx, program | told | registered)
    key = {
        "credential_id": uuid4(),
        "name": "demonstration",
        "kind": KeyKind.secret,
        "secret_hash": passwords.digest(partner.secret),
        "public_key": None,
        "issued_at": at.business,
        "issued_by": None,
        "expires_at": key_end(None, at.system),
    }
    await programs.insert_key(tx, program | key)


async def _catalogue(origin: str) -> None:
    async with entered(origin, FIRM_PORTAL, "claire", PASSWORD) as firm:
        used = await firm.request("GET", "/api/catalog/v1/activations", params={"limit": 1})
        if used["items"]:
            return
        async with entered(origin, PUBLISHER_PORTAL, "admin", PASSWORD, _code()) as publisher:
            await _publish(publisher)
        await _activate(firm)


def _code() -> str:
    """A code of the step before this one, which is taken still: that of now is left to who reads this."""
    return totp.code_at(AUTHENTICATOR, totp.step_at(system_now()) - 1)


async def _publish(publisher: Entered) -> None:
    known = await publisher.request("GET", "/api/catalog/v1/offerings", params={"limit": 200})
    codes = {one["code"] for one in known["items"]}
    for offering in OFFERINGS:
        if offering["code"] not in codes:
            await _post(publisher, "/api/catalog/v1/offerings", offering)


async def _activate(firm: Entered) -> None:
    """Services in use: one that ends the demonstration, and one that does not, for some companies."""
    shown = await firm.request("GET", "/api/tenancy/v1/companies", params={"state": "active", "limit": 200})
    ids = [company["company_id"] for company in shown["items"]]
    for code, companies in (("banque", ids[:8]), ("devis-factures", ids[:5])):
        await _until_heard(firm, {"offering_code": code, "company_ids": companies})


async def _until_heard(firm: Entered, order: dict[str, Any]) -> None:
    """Activates once the catalogue has heard of the firm and all its companies."""
    until = monotonic() + HEARD_WITHIN_SECONDS
    while True:
        try:
            batch = await _post(firm, "/api/catalog/v1/activation-batches", order)
            if all(item["status"] < 400 for item in batch["items"]):
                return
        except Refused:
            if monotonic() > until:
                raise
        if monotonic() > until:
            return
        await asyncio.sleep(0.25)


async def _post(who: Entered, path: str, sent: dict[str, Any]) -> Any:
    return await who.request("POST", path, json=sent, headers={"Idempotency-Key": str(uuid4())})
