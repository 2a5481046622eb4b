CREATE TABLE states (
    type       text        NOT NULL,
    id         text        NOT NULL,
    owner_id   uuid        NOT NULL,
    name_key   text        COLLATE "C" NOT NULL,
    ends_at    timestamptz,
    state      json        NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (type, id)
);
CREATE INDEX states_name ON states (type, name_key, created_at, id);
CREATE INDEX states_owner ON states (type, owner_id, name_key, created_at, id);
CREATE INDEX states_ends ON states (type, ends_at) WHERE ends_at IS NOT NULL;

COMMENT ON TABLE states IS 'One row per thing that exists, of the nouns that need no table of their own.';
COMMENT ON COLUMN states.type IS 'The noun: the aggregate type of its streams.';
COMMENT ON COLUMN states.id IS 'Name of its stream.';
COMMENT ON COLUMN states.owner_id IS 'What it belongs to, an organization or a user; all zeros when it belongs to nothing.';
COMMENT ON COLUMN states.name_key IS 'Its name as it is looked up and sorted; empty when it has none.';
COMMENT ON COLUMN states.ends_at IS 'When it ends without an event; null when it does not.';
COMMENT ON COLUMN states.state IS 'What it is, as its events add up.';
COMMENT ON COLUMN states.created_at IS 'When the event was recorded that created it.';
COMMENT ON COLUMN states.updated_at IS 'When its last event was recorded.';
