INSERT INTO api_key_last_used (key_id, last_used_at)
SELECT key_id, max(last_used_at)
FROM unnest($1::text[], $2::timestamptz[]) AS stamp (key_id, last_used_at)
GROUP BY key_id
ORDER BY key_id
ON CONFLICT (key_id) DO UPDATE
SET last_used_at = greatest(api_key_last_used.last_used_at, excluded.last_used_at)
