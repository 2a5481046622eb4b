CREATE UNIQUE INDEX oauth2_grants_api_key ON oauth2_grants (api_key_id) WHERE status = 'exchanged';
