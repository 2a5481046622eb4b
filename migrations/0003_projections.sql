-- Where each projection stands. Its rows and its checkpoint change in one transaction.
CREATE TABLE projection_checkpoints (
    name           text        NOT NULL,
    slot           text        NOT NULL CHECK (slot IN ('live', 'rebuild')),
    version        integer     NOT NULL,
    position       bigint      NOT NULL CHECK (position >= 0),
    hash           bytea       NOT NULL CHECK (octet_length(hash) = 32),
    state          text        NOT NULL CHECK (state IN ('following', 'stopped')),
    error          text,
    error_position bigint,
    error_event    text,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, slot),
    CHECK ((state = 'stopped') = (error IS NOT NULL))
) WITH (fillfactor = 50);

COMMENT ON TABLE projection_checkpoints IS
    'One row per projection and slot: the position up to which its tables reflect the log. Updated with every batch, hence the low fill factor.';
COMMENT ON COLUMN projection_checkpoints.name IS 'The projection; its tables live in the schema projection_<name>.';
COMMENT ON COLUMN projection_checkpoints.slot IS
    'live: the tables that answer queries. rebuild: the shadow tables of a rebuild under way (schema projection_<name>_rebuild).';
COMMENT ON COLUMN projection_checkpoints.version IS
    'Version of the projection''s code that filled the tables. Another version in the program means a rebuild.';
COMMENT ON COLUMN projection_checkpoints.position IS
    'Every event up to and including this position is reflected. Events that do not concern the projection move it lazily, so it may trail the log while nothing is missing.';
COMMENT ON COLUMN projection_checkpoints.hash IS
    'Hash of the event at that position; zeros at 0. When the log has another there, it lost history that the tables still show, and they are rebuilt.';
COMMENT ON COLUMN projection_checkpoints.state IS
    'following: applies events as they come. stopped: an event could not be applied; nothing after it is applied until the error is reset.';
COMMENT ON COLUMN projection_checkpoints.error IS 'Why it stopped; null while following.';
COMMENT ON COLUMN projection_checkpoints.error_position IS 'Position of the event that could not be applied.';
COMMENT ON COLUMN projection_checkpoints.error_event IS 'Type of that event: <aggregate type>/<event type>.';
COMMENT ON COLUMN projection_checkpoints.updated_at IS 'When this row last changed, by the database''s clock. For people; nothing reads it.';
