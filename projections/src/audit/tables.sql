CREATE TABLE audit_entries (
    position   bigint   NOT NULL,
    facet      uuid     NOT NULL,
    user_id    uuid,
    request_id uuid,
    kind       integer  NOT NULL,
    facet_of   smallint NOT NULL,
    PRIMARY KEY (kind, facet_of, position)
);

COMMENT ON TABLE audit_entries IS
    'What the audit trail is searched by. Each entry has a row for each facet, at least that of its target; what it shows is made of the events.';
COMMENT ON COLUMN audit_entries.position IS 'Position of the event. Times never decrease with it, so it stands for the time too.';
COMMENT ON COLUMN audit_entries.facet IS 'What facet_of says.';
COMMENT ON COLUMN audit_entries.user_id IS 'The user who acted, signed in, or gave the grant that an app used.';
COMMENT ON COLUMN audit_entries.request_id IS 'The request that led to the event.';
COMMENT ON COLUMN audit_entries.kind IS 'Type of resource and action: a hash of their names.';
COMMENT ON COLUMN audit_entries.facet_of IS
    '0: the resource''s name at that time, as a UUID made of it. 1: the resource''s id; none where the id itself says the stream. 2: the organization''s id; none when site-wide.';

CREATE TABLE audit_names (
    resource_type text   NOT NULL,
    resource_id   uuid   NOT NULL,
    since         bigint NOT NULL,
    name          text   NOT NULL,
    icon          text   NOT NULL,
    PRIMARY KEY (resource_type, resource_id, since)
);

COMMENT ON TABLE audit_names IS 'What resources were called, and from which event on.';
COMMENT ON COLUMN audit_names.resource_type IS 'Type of the resource, in the audit API''s words.';
COMMENT ON COLUMN audit_names.resource_id IS 'Id of the resource.';
COMMENT ON COLUMN audit_names.since IS 'Position of the event that named it.';
COMMENT ON COLUMN audit_names.name IS 'Its name; may be empty.';
COMMENT ON COLUMN audit_names.icon IS 'URL or path of its icon; may be empty.';

CREATE TABLE audit_states (
    aggregate_type text        NOT NULL,
    aggregate_id   text        NOT NULL,
    sequence       bigint      NOT NULL,
    state          json        NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
);

COMMENT ON TABLE audit_states IS
    'States of long streams, one in so many events: the difference that a late event made is found without all the events before it.';
COMMENT ON COLUMN audit_states.aggregate_type IS 'Kind of the stream.';
COMMENT ON COLUMN audit_states.aggregate_id IS 'Name of the stream.';
COMMENT ON COLUMN audit_states.sequence IS 'The last event that the state reflects, by its place in the stream.';
COMMENT ON COLUMN audit_states.state IS 'The state.';
COMMENT ON COLUMN audit_states.created_at IS 'When the event was recorded that brought the thing to life.';
COMMENT ON COLUMN audit_states.updated_at IS 'When that last event was recorded.';
