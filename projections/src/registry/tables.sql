CREATE TABLE states (
    type            text        NOT NULL,
    id              text        NOT NULL,
    organization_id uuid        NOT NULL,
    name_key        text        COLLATE "C" NOT NULL,
    state           json        NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (type, id)
);
CREATE INDEX states_name ON states (type, name_key, created_at, id);
CREATE INDEX states_organization ON states (type, organization_id, name_key, created_at, id);

COMMENT ON TABLE states IS 'One row per thing that exists, of the nouns that need no table of their own.';
COMMENT ON COLUMN states.type IS 'The noun: the aggregate type of its streams.';
COMMENT ON COLUMN states.id IS 'Name of its stream.';
COMMENT ON COLUMN states.organization_id IS 'The organization it belongs to; all zeros when it belongs to none.';
COMMENT ON COLUMN states.name_key IS 'Its name as it is looked up and sorted; empty when it has none.';
COMMENT ON COLUMN states.state IS 'What it is, as its events add up.';
COMMENT ON COLUMN states.created_at IS 'When the event was recorded that created it.';
COMMENT ON COLUMN states.updated_at IS 'When its last event was recorded.';
