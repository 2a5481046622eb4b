WITH page AS (
    SELECT key_id FROM api_key_last_used WHERE key_id > $1 ORDER BY key_id LIMIT $3
), forgotten AS (
    DELETE FROM api_key_last_used AS l
    USING page AS p
    WHERE l.key_id = p.key_id AND l.last_used_at < $2
      AND NOT EXISTS (SELECT FROM states AS s WHERE s.type = 'api_key' AND s.id = l.key_id)
      AND NOT EXISTS (SELECT FROM oauth2_grants AS g WHERE g.id = l.key_id AND g.status = 'exchanged')
)
SELECT max(key_id) FROM page
