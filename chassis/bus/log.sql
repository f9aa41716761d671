-- The log of the PostgreSQL bus. Idempotent: run by the owner at every start.
-- bus_partition.next_offset is the locked counter that makes offsets gapless and visible in order.

CREATE TABLE IF NOT EXISTS bus_partition (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS bus_record (
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    key bytea,
    headers json NOT NULL,
    value bytea,
    appended_at timestamptz NOT NULL,
    PRIMARY KEY (topic, partition, "offset")
);

CREATE INDEX IF NOT EXISTS bus_record_age ON bus_record USING brin (appended_at);

CREATE TABLE IF NOT EXISTS bus_offset (
    consumers text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    committed bigint NOT NULL DEFAULT 0,
    acknowledged_at timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (consumers, topic, partition)
) WITH (fillfactor = 50);

GRANT USAGE ON SCHEMA public TO livret_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON bus_partition, bus_record, bus_offset TO livret_app;
