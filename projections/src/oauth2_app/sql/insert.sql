INSERT INTO oauth2_apps (id, name, callback_url, icon, redirect_uris, client_type, token_endpoint_auth_method,
                         require_pkce, allow_multiple_grants, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
