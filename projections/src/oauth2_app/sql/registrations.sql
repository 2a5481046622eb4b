WITH page AS (
    SELECT id, state, created_at FROM states WHERE type = 'oauth2_app' AND id > $1 ORDER BY id LIMIT $4
)
SELECT p.id,
       p.created_at < $2
       AND p.state #> '{registration,by,request}' IS NOT NULL
       AND NOT EXISTS (
           SELECT FROM oauth2_grants AS g
           WHERE g.app_id = p.id::uuid AND g.ended_at IS NULL
             AND greatest(g.code_expires_at, g.access_token_expires_at, g.refresh_token_expires_at) > $3
       ) AS is_unused
FROM page AS p
ORDER BY p.id
