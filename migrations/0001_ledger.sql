-- What is recorded: one append-only table of events in one global order, and the little the sequencer needs to extend it.

CREATE TABLE events (
    aggregate_type text   COLLATE "C" NOT NULL,
    aggregate_id   text   COLLATE "C" NOT NULL,
    sequence       bigint NOT NULL CHECK (sequence >= 1),
    event_type     text   NOT NULL,
    event_version  text   NOT NULL,
    -- json keeps its text as it is written, which the hash covers.
    payload        json   NOT NULL,
    metadata       json   NOT NULL,
    position       bigint NOT NULL CHECK (position >= 1),
    append_id      uuid   NOT NULL,
    recorded_at    timestamptz NOT NULL,
    hash           bytea  NOT NULL CHECK (octet_length(hash) = 32),
    CONSTRAINT events_pkey PRIMARY KEY (aggregate_type, aggregate_id, sequence),
    CONSTRAINT events_position_key UNIQUE (position)
);

COMMENT ON TABLE events IS 'Everything that ever happened, never edited and never deleted. Written by ledger_append() alone.';
COMMENT ON COLUMN events.aggregate_type IS 'Kind of the stream, for example oauth2_grant.';
COMMENT ON COLUMN events.aggregate_id IS 'Name of the stream within its kind.';
COMMENT ON COLUMN events.sequence IS 'Place in the stream: 1, 2, 3, ... without gaps.';
COMMENT ON COLUMN events.event_type IS 'What happened, in the past tense and snake case.';
COMMENT ON COLUMN events.event_version IS 'Version of the payload''s shape; older versions are upcast when read.';
COMMENT ON COLUMN events.payload IS 'The event, in the canonical form of RFC 8785. Holds no fractions; integers lie within +-(2^53 - 1).';
COMMENT ON COLUMN events.metadata IS 'Who, from where, in which request: a flat object of strings, in the canonical form of RFC 8785.';
COMMENT ON COLUMN events.position IS 'Place in the ledger: 1, 2, 3, ... without gaps, equal to commit order.';
COMMENT ON COLUMN events.append_id IS 'The append this event was recorded by; all its events were recorded together or not at all.';
COMMENT ON COLUMN events.recorded_at IS 'Time of the append; never decreases as position grows.';
COMMENT ON COLUMN events.hash IS 'SHA-256 over the previous event''s hash, position, recorded_at and the digest of the event''s columns as stored: docs/ledger-format.md.';

CREATE FUNCTION events_are_forever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'recorded events are never changed or removed' USING ERRCODE = 'restrict_violation';
END
$$;
COMMENT ON FUNCTION events_are_forever() IS 'Refuses edits made by mistake; edits made on purpose are found by verification.';

CREATE TRIGGER events_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_forever();

-- Updated by every append: room on the page keeps the updates heap-only, early vacuum keeps it one page.
CREATE TABLE ledger_head (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position    bigint NOT NULL,
    hash        bytea  NOT NULL,
    recorded_at timestamptz NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

COMMENT ON TABLE ledger_head IS 'The last event. Its row lock is the lock under which order is decided.';
COMMENT ON COLUMN ledger_head.only_row IS 'Always true: there is one row.';
COMMENT ON COLUMN ledger_head.position IS 'Position of the last event; 0 when there is none.';
COMMENT ON COLUMN ledger_head.hash IS 'Hash of the last event; 32 zero bytes when there is none.';
COMMENT ON COLUMN ledger_head.recorded_at IS 'Time of the last event.';

INSERT INTO ledger_head (position, hash, recorded_at)
VALUES (0, decode(repeat('00', 32), 'hex'), timestamptz 'epoch');

CREATE TABLE unique_keys (
    key            text COLLATE "C" PRIMARY KEY,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id   text COLLATE "C" NOT NULL
);

COMMENT ON TABLE unique_keys IS 'Keys that one stream at a time may hold. Derived from events, changed in the append''s own transaction.';
COMMENT ON COLUMN unique_keys.key IS 'For example user_name:alice.';
COMMENT ON COLUMN unique_keys.aggregate_type IS 'Kind of the stream that holds the key.';
COMMENT ON COLUMN unique_keys.aggregate_id IS 'Name of the stream that holds the key.';

CREATE TABLE snapshots (
    aggregate_type   text   COLLATE "C" NOT NULL,
    aggregate_id     text   COLLATE "C" NOT NULL,
    snapshot_version bigint NOT NULL,
    last_sequence    bigint NOT NULL CHECK (last_sequence >= 1),
    payload          json   NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    CONSTRAINT snapshots_pkey PRIMARY KEY (aggregate_type, aggregate_id, snapshot_version)
);

COMMENT ON TABLE snapshots IS 'States of long streams, to load them faster. Derived from events: may be emptied at any time.';
COMMENT ON COLUMN snapshots.snapshot_version IS 'Version of the state''s shape and meaning; a program ignores versions other than its own.';
COMMENT ON COLUMN snapshots.last_sequence IS 'The last event the state includes.';
COMMENT ON COLUMN snapshots.payload IS 'The stream''s state.';
COMMENT ON COLUMN snapshots.created_at IS 'When the event was recorded that brought the thing to life.';
COMMENT ON COLUMN snapshots.updated_at IS 'When the last event that the state includes was recorded.';

CREATE SEQUENCE ledger_sessions AS integer CYCLE;
COMMENT ON SEQUENCE ledger_sessions IS 'Names the advisory lock each appender holds for as long as its session lives.';
