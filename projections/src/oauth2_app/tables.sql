CREATE TABLE oauth2_apps (
    id                         uuid        PRIMARY KEY,
    name                       text        NOT NULL,
    callback_url               text        NOT NULL,
    icon                       text        NOT NULL,
    redirect_uris              text[]      NOT NULL,
    client_type                text        NOT NULL,
    token_endpoint_auth_method text        NOT NULL,
    require_pkce               boolean     NOT NULL,
    allow_multiple_grants      boolean     NOT NULL,
    created_at                 timestamptz NOT NULL,
    updated_at                 timestamptz NOT NULL
);
CREATE INDEX oauth2_apps_name ON oauth2_apps (lower(name), id);

COMMENT ON TABLE oauth2_apps IS 'One row per OAuth2 app that was not deleted.';
COMMENT ON COLUMN oauth2_apps.id IS 'Id of the app; it is the client_id.';
COMMENT ON COLUMN oauth2_apps.name IS 'Name shown on the consent page; not unique.';
COMMENT ON COLUMN oauth2_apps.callback_url IS 'Redirect URI when a request names none.';
COMMENT ON COLUMN oauth2_apps.icon IS 'URL or path of an icon; may be empty.';
COMMENT ON COLUMN oauth2_apps.redirect_uris IS 'Redirect URIs registered besides the callback URL.';
COMMENT ON COLUMN oauth2_apps.client_type IS 'confidential or public (RFC 6749 section 2.1).';
COMMENT ON COLUMN oauth2_apps.token_endpoint_auth_method IS 'client_secret_post, client_secret_basic or none (RFC 7591 section 2).';
COMMENT ON COLUMN oauth2_apps.require_pkce IS 'Whether authorization requests need a code challenge.';
COMMENT ON COLUMN oauth2_apps.allow_multiple_grants IS 'Whether a user may hold several live grants of the app.';
COMMENT ON COLUMN oauth2_apps.created_at IS 'When its first event was recorded.';
COMMENT ON COLUMN oauth2_apps.updated_at IS 'When its last change was recorded.';

CREATE TABLE oauth2_app_secrets (
    id             uuid        PRIMARY KEY,
    app_id         uuid        NOT NULL REFERENCES oauth2_apps (id) ON DELETE CASCADE,
    secret_prefix  text        NOT NULL,
    hashed_secret  text        NOT NULL,
    display_secret text        NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX oauth2_app_secrets_app ON oauth2_app_secrets (app_id, created_at, id);

COMMENT ON TABLE oauth2_app_secrets IS 'Client secrets that were not deleted.';
COMMENT ON COLUMN oauth2_app_secrets.id IS 'Id of the secret.';
COMMENT ON COLUMN oauth2_app_secrets.app_id IS 'Whose secret it is; an app''s deletion removes its secrets.';
COMMENT ON COLUMN oauth2_app_secrets.secret_prefix IS 'The ten characters that name the secret within its text.';
COMMENT ON COLUMN oauth2_app_secrets.hashed_secret IS 'SHA-256 of the last part of its text, lower-case hex.';
COMMENT ON COLUMN oauth2_app_secrets.display_secret IS 'The last six characters of its text, to tell it from others.';
COMMENT ON COLUMN oauth2_app_secrets.created_at IS 'When it was made.';
