SELECT position
FROM events
WHERE aggregate_type = $1 AND aggregate_id = $2 AND position >= $3 AND position < $4
ORDER BY sequence DESC
LIMIT $5
