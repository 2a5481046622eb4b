SELECT g.*
FROM unnest($1::uuid[], $2::uuid[]) AS p (user_id, app_id)
CROSS JOIN LATERAL (
    SELECT id, app_id, user_id, status, exclusive, redirect_uri, resource_uri, code_challenge, code_challenge_method, scope,
           code_expires_at, app_secret_id, audience, access_token_expires_at,
           refresh_token_expires_at, issued_at, exchanged_at, refreshed_at, ended_at, revocation_reason
    FROM oauth2_grants
    WHERE user_id = p.user_id AND app_id = p.app_id AND exclusive <> 'no' AND ended_at IS NULL
    -- Not to be joined otherwise.
    OFFSET 0
) AS g
