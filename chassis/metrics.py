"""Every metric, with its meaning; one registry per process.

`route` is the template (`/v1/companies/{company_id}`), never the path, so that the series stay countable.
"""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "livret_http_request_seconds",
    "Time to answer a request, from its first byte to the last byte of the answer.",
    ("service", "method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge("livret_http_requests_in_flight", "Requests being answered now.", ("service",))
REFUSALS = Counter(
    "livret_http_refusals_total", "Requests refused, by the slug of the problem.", ("service", "slug")
)
FAULTS = Counter("livret_http_faults_total", "Requests that ended in a fault of ours.", ("service",))
TOKENS = Counter(
    "livret_tokens_total", "Bearer tokens seen, by outcome: cached, verified or refused.", ("outcome",)
)
REVOKED = Gauge("livret_revoked_credentials", "Credentials this process holds as revoked.", ("service",))
EXCHANGES = Counter(
    "livret_edge_exchanges_total",
    "Session cookies turned into a token, by outcome: cached, exchanged, refused or failed.",
    ("outcome",),
)

# Delivery. `service` is the one that hears, `producer` the one that said.
HANDLED = Histogram(
    "livret_event_handled_seconds",
    "Time from the instant an event was said to the commit of what it led to.",
    ("service", "producer"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
FAILED = Counter(
    "livret_event_failures_total",
    "Attempts that failed, by outcome: retried, or dead (its key is parked).",
    ("service", "type", "outcome"),
)
PUBLISHED = Counter("livret_events_published_total", "Events the relay gave to the bus.", ("service",))
RECEIVED = Counter("livret_records_received_total", "Records taken from the bus.", ("service",))
UNREADABLE = Counter("livret_unreadable_records_total", "Records that are no event of ours.", ("topic",))
BACKLOG = Gauge("livret_outbox_backlog", "Events that wait for the bus.", ("service",))
OLDEST = Gauge(
    "livret_outbox_oldest_seconds", "Age of the oldest event that waits for the bus.", ("service",)
)
LAG = Gauge("livret_consumer_lag", "Records on the bus that are not in the inbox yet.", ("service", "topic"))
INBOX = Gauge(
    "livret_inbox_events", "Events in the inbox by state: pending, held or dead.", ("service", "state")
)
PARKED = Gauge("livret_inbox_parked_keys", "Keys parked behind a dead event.", ("service",))
STOPPED = Gauge("livret_inbox_stopped", "1 while the circuit is open and nothing is handled.", ("service",))
EFFECTS = Counter(
    "livret_effects_total",
    "Effects tried, by outcome: done, retried or dead.",
    ("service", "kind", "outcome"),
)
EFFECTS_WAITING = Gauge("livret_effects_waiting", "Effects not done yet.", ("service",))
JOBS = Counter(
    "livret_jobs_total", "Runs of timed work, by outcome: done or failed.", ("service", "job", "outcome")
)
LOOP_FAULTS = Counter(
    "livret_loop_faults_total",
    "Steps of a worker loop that raised, each tried again later.",
    ("service", "loop"),
)

# Probes. `place` is from where a prober watches.
PROBES = Counter(
    "livret_probe_runs_total", "Scripts run, by outcome: up, down or prober_fault.", ("place", "outcome")
)
PROBE_LATE = Histogram(
    "livret_probe_late_seconds",
    "How much later than planned a script began.",
    ("place",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
PROBES_SKIPPED = Counter("livret_probe_skipped_total", "Turns that came too late to be taken.", ("place",))
PROBE_BUFFER = Gauge("livret_probe_buffer", "Results that could not be told yet.", ("place",))
PLACES_SILENT = Gauge("livret_probe_place_silent", "1 while nothing is heard of a place.", ("place",))

# What an operator must act on. Timed work measures it: of several workers, the one whose turn it was.
TICKETS_WAITING = Gauge("livret_tickets_waiting", "Tickets that wait for an agent.", ("queue",))
TICKETS_OVERDUE = Gauge("livret_tickets_overdue", "Those of which a clock is past due.", ("queue",))
MAILS_WAITING = Gauge(
    "livret_mails_waiting",
    "Mails that an agent has to decide on: unmatched, or held since very many of a sender came.",
    ("state",),
)
DEADLINES = Counter(
    "livret_ticket_deadlines_total", "Deadlines said, by event: approaching or missed.", ("clock", "event")
)
OUTAGES_OPEN = Gauge("livret_outages_open", "Outages on record that go on.", ("environment",))
WEATHER_TOLD_AT = Gauge(
    "livret_weather_told_timestamp_seconds",
    "When the state that the weather page answers from was told, in Unix time; 0 while there is none.",
)
