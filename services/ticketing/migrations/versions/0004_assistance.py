"""Remote assistance, web sessions, interventions with their reports and attendance sheets.

When a technician is there and when it is taken is the publisher's, not a tenant's: a customer's transaction
sees which times are free without seeing whose the others are.
"""

from alembic import op

from chassis.db import tenant_policy

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TECHNICIANS = (
    """
    CREATE TABLE technician_hours (
        hours_id uuid NOT NULL,
        technician_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        published_at timestamptz NOT NULL,
        published_by uuid NOT NULL,
        PRIMARY KEY (hours_id),
        CONSTRAINT technician_hours_end CHECK (starts_at < ends_at),
        CONSTRAINT technician_hours_apart EXCLUDE USING gist
            (technician_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    )
    """,
    "CREATE INDEX technician_hours_by_end ON technician_hours (ends_at)",
    """
    CREATE TABLE technician_busy (
        busy_id uuid NOT NULL,
        technician_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        PRIMARY KEY (busy_id),
        CONSTRAINT technician_busy_end CHECK (starts_at < ends_at),
        CONSTRAINT technician_busy_once EXCLUDE USING gist
            (technician_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    )
    """,
    "CREATE INDEX technician_busy_by_end ON technician_busy (ends_at)",
)
_BOOKINGS = (
    """
    CREATE TABLE assistance_booking (
        customer_id uuid NOT NULL,
        booking_id uuid NOT NULL,
        ticket_id uuid NOT NULL,
        reference text NOT NULL,
        technician_id uuid NOT NULL,
        plan text NOT NULL,
        state text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        contact_name text,
        contact_mail text,
        access text,
        booked_at timestamptz NOT NULL,
        booked_by uuid NOT NULL,
        ended_at timestamptz,
        ended_by uuid,
        reason text,
        report text,
        remind_at timestamptz,
        reminded_at timestamptz,
        revision integer NOT NULL,
        PRIMARY KEY (customer_id, booking_id),
        CONSTRAINT assistance_booking_of FOREIGN KEY (customer_id, ticket_id)
            REFERENCES ticket (customer_id, ticket_id),
        CONSTRAINT assistance_booking_plan CHECK (plan IN ('open', 'private')),
        CONSTRAINT assistance_booking_state CHECK (state IN ('booked', 'cancelled', 'no_show', 'done'))
    )
    """,
    """
    CREATE UNIQUE INDEX assistance_booking_open ON assistance_booking (customer_id, ticket_id)
    WHERE state = 'booked'
    """,
    """
    CREATE INDEX assistance_booking_by_start ON assistance_booking (customer_id, starts_at, booking_id)
    """,
    "CREATE INDEX assistance_booking_of_technician ON assistance_booking (technician_id, starts_at)",
    """
    CREATE INDEX assistance_booking_to_remind ON assistance_booking (remind_at)
    WHERE reminded_at IS NULL AND state = 'booked'
    """,
    *tenant_policy("assistance_booking"),
)
_SESSIONS = (
    """
    CREATE TABLE web_session (
        session_id uuid NOT NULL,
        title text NOT NULL,
        description text NOT NULL,
        products text[] NOT NULL,
        language text NOT NULL,
        level text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        capacity integer NOT NULL,
        link text NOT NULL,
        host_id uuid,
        state text NOT NULL,
        cancelled_reason text,
        replay_link text,
        replay_published_at timestamptz,
        planned_at timestamptz NOT NULL,
        planned_by uuid NOT NULL,
        seats_taken integer NOT NULL,
        places_given integer NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (session_id),
        CONSTRAINT web_session_end CHECK (starts_at < ends_at),
        CONSTRAINT web_session_level CHECK (level IN ('connect', 'open', 'private')),
        CONSTRAINT web_session_state CHECK (state IN ('planned', 'cancelled')),
        CONSTRAINT web_session_seats CHECK (seats_taken BETWEEN 0 AND capacity)
    )
    """,
    "CREATE INDEX web_session_by_start ON web_session (starts_at, session_id)",
    """
    CREATE TABLE web_session_invitation (
        customer_id uuid NOT NULL,
        session_id uuid NOT NULL,
        mail text NOT NULL,
        invited_at timestamptz NOT NULL,
        invited_by uuid NOT NULL,
        PRIMARY KEY (customer_id, session_id, mail),
        CONSTRAINT web_session_invitation_to FOREIGN KEY (session_id) REFERENCES web_session (session_id)
    )
    """,
    """
    CREATE INDEX web_session_invitation_by_session ON web_session_invitation (session_id, customer_id, mail)
    """,
    *tenant_policy("web_session_invitation"),
    """
    CREATE TABLE web_session_registration (
        customer_id uuid NOT NULL,
        registration_id uuid NOT NULL,
        session_id uuid NOT NULL,
        person_id uuid NOT NULL,
        name text NOT NULL,
        mail text NOT NULL,
        place integer NOT NULL,
        state text NOT NULL,
        registered_at timestamptz NOT NULL,
        cancelled_at timestamptz,
        attended boolean,
        attendance_at timestamptz,
        attendance_by uuid,
        remind_at timestamptz,
        reminded_at timestamptz,
        revision integer NOT NULL,
        PRIMARY KEY (customer_id, registration_id),
        CONSTRAINT web_session_registration_to FOREIGN KEY (session_id) REFERENCES web_session (session_id),
        CONSTRAINT web_session_registration_state CHECK (state IN ('registered', 'waiting', 'cancelled'))
    )
    """,
    """
    CREATE UNIQUE INDEX web_session_registration_once ON web_session_registration
        (customer_id, session_id, mail) WHERE state <> 'cancelled'
    """,
    "CREATE INDEX web_session_registration_in_order ON web_session_registration (session_id, place)",
    """
    CREATE INDEX web_session_registration_to_remind ON web_session_registration (remind_at)
    WHERE reminded_at IS NULL AND state = 'registered'
    """,
    *tenant_policy("web_session_registration"),
)
_INTERVENTIONS = (
    """
    CREATE TABLE intervention (
        customer_id uuid NOT NULL,
        intervention_id uuid NOT NULL,
        kind text NOT NULL,
        title text NOT NULL,
        description text NOT NULL,
        place text NOT NULL,
        who text NOT NULL,
        technician_id uuid,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        state text NOT NULL,
        cancelled_reason text,
        report text,
        reported_at timestamptz,
        reported_by uuid,
        planned_at timestamptz NOT NULL,
        planned_by uuid NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (customer_id, intervention_id),
        CONSTRAINT intervention_end CHECK (starts_at < ends_at),
        CONSTRAINT intervention_kind
            CHECK (kind IN ('remote_assistance', 'web_session', 'on_site', 'training')),
        CONSTRAINT intervention_state CHECK (state IN ('planned', 'cancelled', 'done'))
    )
    """,
    "CREATE INDEX intervention_by_start ON intervention (customer_id, starts_at, intervention_id)",
    "CREATE INDEX intervention_of_technician ON intervention (technician_id, starts_at)",
    *tenant_policy("intervention"),
    """
    CREATE TABLE attendance_participant (
        customer_id uuid NOT NULL,
        intervention_id uuid NOT NULL,
        number smallint NOT NULL,
        name text NOT NULL,
        organisation text NOT NULL,
        PRIMARY KEY (customer_id, intervention_id, number),
        CONSTRAINT attendance_participant_of FOREIGN KEY (customer_id, intervention_id)
            REFERENCES intervention (customer_id, intervention_id)
    )
    """,
    *tenant_policy("attendance_participant"),
    """
    CREATE TABLE attendance_presence (
        customer_id uuid NOT NULL,
        intervention_id uuid NOT NULL,
        number smallint NOT NULL,
        day date NOT NULL,
        half text NOT NULL,
        present boolean NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by uuid NOT NULL,
        PRIMARY KEY (customer_id, intervention_id, number, day, half),
        CONSTRAINT attendance_presence_of FOREIGN KEY (customer_id, intervention_id, number)
            REFERENCES attendance_participant (customer_id, intervention_id, number),
        CONSTRAINT attendance_presence_half CHECK (half IN ('morning', 'afternoon'))
    )
    """,
    *tenant_policy("attendance_presence"),
)


def upgrade() -> None:
    for statement in (*_TECHNICIANS, *_BOOKINGS, *_SESSIONS, *_INTERVENTIONS):
        op.execute(statement)
