SELECT a.id, a.name, a.callback_url, a.icon, a.redirect_uris, a.client_type, a.token_endpoint_auth_method, a.require_pkce,
       a.allow_multiple_grants, a.created_at, a.updated_at,
       s.id AS secret_id, s.secret_prefix, s.hashed_secret
FROM oauth2_apps AS a
LEFT JOIN oauth2_app_secrets AS s ON s.app_id = a.id
WHERE a.id = ANY ($1)
ORDER BY a.id, s.created_at, s.id
