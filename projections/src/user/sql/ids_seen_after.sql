SELECT user_id
FROM (
    (SELECT user_id FROM user_last_seen WHERE last_seen_at > $1 LIMIT $2)
    UNION ALL
    (SELECT id FROM users WHERE created_at > $1 LIMIT $2)
) AS seen
LIMIT $2
