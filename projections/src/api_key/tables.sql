CREATE TABLE api_keys (
    id                    text        PRIMARY KEY,
    user_id               uuid        NOT NULL,
    origin                text        NOT NULL,
    login_type            text        NOT NULL,
    scope                 text        NOT NULL,
    token_name            text        NOT NULL,
    credential_generation integer     NOT NULL,
    lifetime_seconds      bigint      NOT NULL,
    expires_at            timestamptz NOT NULL,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL
);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at, id);
CREATE INDEX api_keys_expires ON api_keys (expires_at);
CREATE INDEX api_keys_tokens ON api_keys (created_at, id) WHERE origin = 'token';

COMMENT ON TABLE api_keys IS 'One row per API key that was not deleted: sessions and tokens. Expired ones stay for a while, until they are deleted as well.';
COMMENT ON COLUMN api_keys.id IS 'The ten characters before the dash of the key''s text.';
COMMENT ON COLUMN api_keys.user_id IS 'Whose key it is: a user of another projection, hence no foreign key.';
COMMENT ON COLUMN api_keys.origin IS 'login: a session. token: made by the user for programs.';
COMMENT ON COLUMN api_keys.login_type IS 'How the user had signed in, or token.';
COMMENT ON COLUMN api_keys.scope IS 'all or application_connect.';
COMMENT ON COLUMN api_keys.token_name IS 'Name of a token, unique per user; empty for sessions.';
COMMENT ON COLUMN api_keys.credential_generation IS 'The user''s generation of credentials that it belongs to.';
COMMENT ON COLUMN api_keys.lifetime_seconds IS 'Lifetime that a use renews, in seconds.';
COMMENT ON COLUMN api_keys.expires_at IS 'End of validity.';
COMMENT ON COLUMN api_keys.created_at IS 'When it was recorded.';
COMMENT ON COLUMN api_keys.updated_at IS 'When its last change was recorded.';
