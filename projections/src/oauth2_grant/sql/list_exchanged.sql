SELECT g.id, g.app_id, g.user_id, g.status, g.exclusive, g.redirect_uri, g.resource_uri, g.code_challenge, g.code_challenge_method, g.scope,
       g.code_expires_at, g.app_secret_id, g.audience, g.access_token_expires_at,
       g.refresh_token_expires_at, g.issued_at, g.exchanged_at, g.refreshed_at, g.ended_at, g.revocation_reason, l.last_used_at
FROM oauth2_grants AS g
LEFT JOIN api_key_last_used AS l ON l.key_id = g.id
WHERE g.user_id = $1 AND g.ended_at IS NULL AND g.status = 'exchanged'
  AND greatest(g.access_token_expires_at, g.refresh_token_expires_at) > $2
ORDER BY g.exchanged_at DESC, g.id
