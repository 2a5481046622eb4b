CREATE TABLE oauth2_app_secrets (
    id     uuid PRIMARY KEY,
    app_id uuid NOT NULL
);
CREATE INDEX oauth2_app_secrets_app ON oauth2_app_secrets (app_id);

COMMENT ON TABLE oauth2_app_secrets IS 'Whose the client secrets are that were not deleted; the apps themselves are in the registry.';
COMMENT ON COLUMN oauth2_app_secrets.id IS 'Id of the secret.';
COMMENT ON COLUMN oauth2_app_secrets.app_id IS 'Whose secret it is; an app''s deletion removes its secrets.';
