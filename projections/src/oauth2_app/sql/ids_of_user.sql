SELECT DISTINCT g.app_id
FROM oauth2_grants AS g
WHERE g.user_id = $1 AND g.status = 'exchanged'
  AND greatest(g.access_token_expires_at, g.refresh_token_expires_at) > $2
