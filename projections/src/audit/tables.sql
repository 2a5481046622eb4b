CREATE TABLE audit_entries (
    position          bigint      PRIMARY KEY,
    id                uuid        NOT NULL,
    time              timestamptz NOT NULL,
    request_id        uuid,
    actor_kind        text,
    actor_id          text,
    actor_name        text,
    on_behalf_of      text,
    user_id           uuid,
    ip                text        NOT NULL,
    user_agent        text        NOT NULL,
    resource_type     text        NOT NULL,
    resource_key      text        NOT NULL,
    resource_id       uuid        NOT NULL,
    resource_target   text        NOT NULL,
    resource_icon     text        NOT NULL,
    action            text        NOT NULL,
    status_code       integer     NOT NULL,
    diff              json        NOT NULL,
    additional_fields json        NOT NULL,
    organization_id   uuid
);

COMMENT ON TABLE audit_entries IS 'The audit trail: at most one row per event of the ledger.';
COMMENT ON COLUMN audit_entries.position IS 'Position of the event.';
COMMENT ON COLUMN audit_entries.id IS 'The first half of the event''s hash as a UUID (version 8).';
COMMENT ON COLUMN audit_entries.time IS 'When the event was recorded; never decreases with the position.';
COMMENT ON COLUMN audit_entries.request_id IS 'The request that led to the event.';
COMMENT ON COLUMN audit_entries.actor_kind IS 'What acted: user, oauth2_app, system, ...';
COMMENT ON COLUMN audit_entries.actor_id IS 'Id of the actor.';
COMMENT ON COLUMN audit_entries.actor_name IS 'Name of the actor at that time.';
COMMENT ON COLUMN audit_entries.on_behalf_of IS 'For whom the actor acted.';
COMMENT ON COLUMN audit_entries.user_id IS 'The user who acted, signed in, or gave the grant that an app used.';
COMMENT ON COLUMN audit_entries.ip IS 'Address of the client; empty when unknown.';
COMMENT ON COLUMN audit_entries.user_agent IS 'User agent of the client; empty when unknown.';
COMMENT ON COLUMN audit_entries.resource_type IS 'Type of what was changed, in the audit API''s words.';
COMMENT ON COLUMN audit_entries.resource_key IS 'Its key in audit_resources: the id of its stream, or of the secret.';
COMMENT ON COLUMN audit_entries.resource_id IS 'Its id as the audit API shows it; for API keys the user''s, for codes and tokens derived from the grant''s.';
COMMENT ON COLUMN audit_entries.resource_target IS 'Its name at that time; may be empty.';
COMMENT ON COLUMN audit_entries.resource_icon IS 'Its icon at that time; may be empty.';
COMMENT ON COLUMN audit_entries.action IS 'create, write, delete, login, logout.';
COMMENT ON COLUMN audit_entries.status_code IS 'HTTP status of the attempt: 400 and above were refused.';
COMMENT ON COLUMN audit_entries.diff IS 'Changed fields: {"<field>": [old, new]}; of a secret field only that it changed: [].';
COMMENT ON COLUMN audit_entries.additional_fields IS 'What else is known, such as the reason of a refusal.';
COMMENT ON COLUMN audit_entries.organization_id IS 'The organization it belongs to; null when site-wide.';

CREATE TABLE audit_resources (
    resource_type text    NOT NULL,
    resource_key  text    NOT NULL,
    target        text    NOT NULL,
    icon          text    NOT NULL,
    fields        json    NOT NULL,
    deleted       boolean NOT NULL,
    PRIMARY KEY (resource_type, resource_key)
);

COMMENT ON TABLE audit_resources IS 'What the audit trail knows of each resource: where the old values of the next change come from. A code that was exchanged has no row.';
COMMENT ON COLUMN audit_resources.resource_type IS 'Its type, in the audit API''s words.';
COMMENT ON COLUMN audit_resources.resource_key IS 'The id of its stream, or of the secret.';
COMMENT ON COLUMN audit_resources.target IS 'Its present name; may be empty.';
COMMENT ON COLUMN audit_resources.icon IS 'Its present icon; may be empty.';
COMMENT ON COLUMN audit_resources.fields IS 'Its tracked fields. A secret field holds the position of its last change, never a value.';
COMMENT ON COLUMN audit_resources.deleted IS 'Whether it was deleted.';
