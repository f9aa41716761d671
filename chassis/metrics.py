"""Every metric of the HTTP side, with its meaning; one registry per process.

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
