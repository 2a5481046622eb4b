UPDATE api_keys AS k
SET expires_at = e.expires_at, updated_at = e.updated_at
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS e (id, expires_at, updated_at)
WHERE k.id = e.id
