SELECT id, app_id, user_id, status, exclusive, redirect_uri, resource_uri, code_challenge, code_challenge_method, scope,
       code_expires_at, app_secret_id, audience, access_token_expires_at,
       refresh_token_expires_at, issued_at, exchanged_at, refreshed_at, ended_at, revocation_reason
FROM oauth2_grants
WHERE user_id = $1 AND app_id = $2 AND ended_at IS NULL
ORDER BY issued_at, id
