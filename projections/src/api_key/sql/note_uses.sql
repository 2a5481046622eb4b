WITH uses AS (
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS u (key_id, user_id, used_at)
), keys AS (
    INSERT INTO api_key_last_used AS l (key_id, last_used_at)
    SELECT key_id, max(used_at) FROM uses GROUP BY key_id ORDER BY key_id
    ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at
    WHERE l.last_used_at <= excluded.last_used_at - interval '1 hour'
)
INSERT INTO user_last_seen AS s (user_id, last_seen_at)
SELECT user_id, max(used_at) FROM uses GROUP BY user_id ORDER BY user_id
ON CONFLICT (user_id) DO UPDATE SET last_seen_at = excluded.last_seen_at
WHERE s.last_seen_at <= excluded.last_seen_at - interval '1 hour'
