-- Stamps that are not events: losing one loses nothing that happened.
CREATE TABLE api_key_last_used (
    key_id       text        PRIMARY KEY,
    last_used_at timestamptz NOT NULL
) WITH (fillfactor = 70);

COMMENT ON TABLE api_key_last_used IS
    'When an API key or OAuth2 access token was last used. Written at most hourly per key, so it is no event.';
COMMENT ON COLUMN api_key_last_used.key_id IS 'Id of the key: the ten characters before the dash of its text.';
COMMENT ON COLUMN api_key_last_used.last_used_at IS 'Time of a use, at most an hour older than the last one.';

CREATE TABLE oauth2_app_secret_last_used (
    secret_id    uuid        PRIMARY KEY,
    last_used_at timestamptz NOT NULL
) WITH (fillfactor = 70);

COMMENT ON TABLE oauth2_app_secret_last_used IS
    'When a client secret last authenticated its app. Written at most once a minute per secret, so it is no event.';
COMMENT ON COLUMN oauth2_app_secret_last_used.secret_id IS 'Id of the client secret.';
COMMENT ON COLUMN oauth2_app_secret_last_used.last_used_at IS 'Time of a use, at most a minute older than the last one.';

CREATE TABLE user_last_seen (
    user_id      uuid        PRIMARY KEY,
    last_seen_at timestamptz NOT NULL
) WITH (fillfactor = 70);

COMMENT ON TABLE user_last_seen IS
    'When a user last used any API key or OAuth2 access token. Written at most hourly per user, so it is no event.';
COMMENT ON COLUMN user_last_seen.user_id IS 'Id of the user.';
COMMENT ON COLUMN user_last_seen.last_seen_at IS 'Time of a use, at most an hour older than the last one.';
