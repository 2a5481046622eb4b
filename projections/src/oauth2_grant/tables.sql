CREATE TABLE oauth2_grants (
    id                       text        PRIMARY KEY,
    app_id                   uuid        NOT NULL,
    user_id                  uuid        NOT NULL,
    status                   text        NOT NULL CHECK (status IN ('code_issued', 'exchanged', 'superseded', 'revoked')),
    exclusive                text        NOT NULL CHECK (exclusive IN ('no', 'per_app', 'per_resource')),
    redirect_uri             text,
    resource_uri             text,
    code_challenge           text,
    code_challenge_method    text,
    scope                    text        NOT NULL,
    code_expires_at          timestamptz NOT NULL,
    app_secret_id            uuid,
    audience                 text,
    access_token_expires_at  timestamptz,
    refresh_token_expires_at timestamptz,
    issued_at                timestamptz NOT NULL,
    exchanged_at             timestamptz,
    refreshed_at             timestamptz,
    ended_at                 timestamptz,
    revocation_reason        text,
    CHECK (status <> 'exchanged' OR (access_token_expires_at IS NOT NULL AND refresh_token_expires_at IS NOT NULL AND exchanged_at IS NOT NULL)),
    CHECK ((status IN ('superseded', 'revoked')) = (ended_at IS NOT NULL))
) WITH (fillfactor = 70);
-- What an exchange or a refresh changes is in no index and in no index's predicate, so that the row stays on its page and
-- no index is written (a heap-only update); the free part of each page is for that.
CREATE INDEX oauth2_grants_live ON oauth2_grants (user_id, app_id) WHERE ended_at IS NULL;
CREATE INDEX oauth2_grants_app ON oauth2_grants (app_id);

COMMENT ON TABLE oauth2_grants IS
    'One row per authorization that a user gave an app: its code, then its tokens. Deleting the app, or the secret that it was exchanged with, removes the row.';
COMMENT ON COLUMN oauth2_grants.id IS 'Id of the grant: the prefix of its code''s and refresh tokens'' texts.';
COMMENT ON COLUMN oauth2_grants.app_id IS 'The app: of another projection, hence no foreign key.';
COMMENT ON COLUMN oauth2_grants.user_id IS 'The user: of another projection, hence no foreign key.';
COMMENT ON COLUMN oauth2_grants.status IS
    'code_issued: waits for its exchange. exchanged: holds tokens. superseded: a newer exclusive grant took its place. revoked.';
COMMENT ON COLUMN oauth2_grants.exclusive IS 'Which other grants of the user it takes the place of. no: none. per_app: those for the app. per_resource: those for the app and the resource.';
COMMENT ON COLUMN oauth2_grants.redirect_uri IS 'Redirect URI named by the authorization request; null when it named none.';
COMMENT ON COLUMN oauth2_grants.resource_uri IS 'Resource of the authorization request (RFC 8707).';
COMMENT ON COLUMN oauth2_grants.code_challenge IS 'PKCE challenge (RFC 7636).';
COMMENT ON COLUMN oauth2_grants.code_challenge_method IS 'S256, or null without a challenge.';
COMMENT ON COLUMN oauth2_grants.scope IS 'Granted scope, space-separated; may be empty.';
COMMENT ON COLUMN oauth2_grants.code_expires_at IS 'End of the code''s validity.';
COMMENT ON COLUMN oauth2_grants.app_secret_id IS 'The client secret that authenticated the exchange; null for public clients.';
COMMENT ON COLUMN oauth2_grants.audience IS 'Resource that the tokens are bound to; null = none.';
COMMENT ON COLUMN oauth2_grants.access_token_expires_at IS 'End of the present access token''s validity.';
COMMENT ON COLUMN oauth2_grants.refresh_token_expires_at IS 'End of the present refresh token''s validity.';
COMMENT ON COLUMN oauth2_grants.issued_at IS 'When the code was issued.';
COMMENT ON COLUMN oauth2_grants.exchanged_at IS 'When the code was exchanged.';
COMMENT ON COLUMN oauth2_grants.refreshed_at IS 'When the tokens were last refreshed.';
COMMENT ON COLUMN oauth2_grants.ended_at IS 'When the grant was superseded or revoked.';
COMMENT ON COLUMN oauth2_grants.revocation_reason IS 'Why it was revoked.';

CREATE TABLE oauth2_grant_tombstones (
    id uuid PRIMARY KEY
);

COMMENT ON TABLE oauth2_grant_tombstones IS
    'Deleted apps and client secrets. An exchange or refresh that was recorded at the same time as the deletion makes no grant.';
COMMENT ON COLUMN oauth2_grant_tombstones.id IS 'Id of the app or secret.';
