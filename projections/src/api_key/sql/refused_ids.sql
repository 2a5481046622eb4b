SELECT s.id
FROM states AS s
LEFT JOIN users AS u ON u.id = s.owner_id
WHERE s.type = 'api_key' AND s.owner_id = $1
  AND (u.id IS NULL OR (s.state->>'credential_generation')::bigint <> u.credential_generation)
ORDER BY s.created_at, s.id
LIMIT $2
