SELECT a.id, a.name, a.callback_url, a.icon, a.redirect_uris, a.client_type, a.token_endpoint_auth_method, a.require_pkce,
       a.allow_multiple_grants, a.created_at, a.updated_at
FROM oauth2_apps AS a
WHERE a.id IN (
    SELECT g.app_id FROM oauth2_grants AS g
    WHERE g.user_id = $1 AND g.status = 'exchanged'
      AND greatest(g.access_token_expires_at, g.refresh_token_expires_at) > $2)
ORDER BY lower(a.name), a.id
