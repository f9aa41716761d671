"""One envelope to write and read, and strategies that make any."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import strategies as st

from contracts.envelope import Envelope, source_of
from contracts.events import encode
from contracts.events.tenancy import CompanyActivated

CUSTOMER = UUID("5a0c7d5e-2f0b-4a4b-9f0e-0d6f1b0c2a11")
COMPANY = UUID("0e9f6b52-7c1d-4b0a-8a52-6f4a0c3d9e22")
AT = datetime(2026, 3, 27, 15, 0, 0, 123456, tzinfo=UTC)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def an_event() -> CompanyActivated:
    """A small event with a key finer than the customer."""
    return CompanyActivated(customer_id=CUSTOMER, company_id=COMPANY, activated_at=AT)


def an_envelope(traceparent: str | None = TRACEPARENT) -> Envelope:
    """The event above, under way."""
    said = an_event()
    return Envelope(
        id=UUID("11111111-2222-4333-8444-555555555555"),
        type=said.WIRE,
        source=source_of(said.PRODUCER),
        key=said.key(),
        time=AT,
        subject="a company",
        traceparent=traceparent,
        data=encode(said),
    )


_printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=100)

envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    type=st.from_regex(r"livret\.[a-z]{1,20}\.[A-Z][A-Za-z]{1,30}\.v[1-9]", fullmatch=True),
    source=st.from_regex(r"/livret/[a-z]{1,20}", fullmatch=True),
    key=_printable,
    time=st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001
    subject=st.none() | _printable,
    traceparent=st.none() | st.from_regex(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", fullmatch=True),
    data=st.just(b'{"name": "Caf\xc3\xa9 \\\\u0000 de la Gare", "n": [1, 2.5, null]}'),
)
