-- Sessions have no name.
SELECT s.id, s.state::text, s.created_at, s.updated_at, u.username
FROM states AS s
JOIN users AS u ON u.id = s.owner_id
WHERE s.type = 'api_key' AND s.name_key > ''
ORDER BY s.created_at, s.id
