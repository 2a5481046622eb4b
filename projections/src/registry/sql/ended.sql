SELECT id FROM states WHERE type = $1 AND ends_at < $2 ORDER BY ends_at LIMIT $3
