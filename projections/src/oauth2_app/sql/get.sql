SELECT a.id, a.name, a.callback_url, a.icon, a.redirect_uris, a.client_type, a.token_endpoint_auth_method, a.require_pkce,
       a.allow_multiple_grants, a.created_at, a.updated_at
FROM oauth2_apps AS a
WHERE a.id = $1
