-- What the floor writes: a row of the events table's columns and indexes, numbered by a sequence, and nothing of what makes a ledger.
CREATE SEQUENCE floor_position;
CREATE TABLE floor_events (
    aggregate_type text   COLLATE "C" NOT NULL,
    aggregate_id   text   COLLATE "C" NOT NULL,
    sequence       bigint NOT NULL CHECK (sequence >= 1),
    event_type     text   NOT NULL,
    event_version  text   NOT NULL,
    payload        json   NOT NULL,
    metadata       json   NOT NULL,
    position       bigint NOT NULL DEFAULT nextval('floor_position'),
    append_id      uuid   NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    hash           bytea  NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (aggregate_type, aggregate_id, sequence),
    UNIQUE (position)
);
