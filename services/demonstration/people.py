"""The publisher's staff, a firm with its people and companies, and its program: tenancy's part."""

from datetime import date
from uuid import UUID, uuid4

from chassis.auth import Role
from chassis.cron import PARIS
from chassis.db import Tx
from chassis.sealing import Sealer
from services.demonstration.logins import (
    AUTHENTICATOR,
    FIRM_PEOPLE,
    FIRM_PORTAL,
    OF_COMPANY,
    PARTNER,
    STAFF,
    Partner,
)
from services.tenancy import passwords
from services.tenancy.commands.companies import activate_all, register_company
from services.tenancy.commands.credentials import Giver, Instants, give_secret, give_to_companies
from services.tenancy.commands.customers import register_customer
from services.tenancy.commands.people import NewPerson, add_person
from services.tenancy.commands.rights import settle_rights_of_each
from services.tenancy.model import (
    PUBLISHER,
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
from services.tenancy.store.sessions import find_by_credential, save_password

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
RIGHTS = ["banque", "devis-factures"]


async def make_people(tx: Tx, hashed: str, sealer: Sealer, at: Instants) -> None:
    """All of it in this transaction; everybody has the password of which `hashed` is the hash."""
    publisher = Giver(Role.publisher_admin)
    for person in STAFF:
        entrant = await _enrol(tx, PUBLISHER, person, publisher, at, hashed)
        await factors.begin(tx, entrant, sealer.seal(AUTHENTICATOR), at.system)
        await factors.enrol(tx, entrant, 0, [], at.system)
    customer_id = await register_customer(tx, _firm(at.business.astimezone(PARIS).date()), None, at.business)
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
