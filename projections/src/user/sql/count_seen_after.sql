-- Made or seen after a time, and there still. From indexes alone, and without looking up each who was seen.
SELECT (SELECT count(*) FROM users WHERE created_at > $1)
     + (SELECT count(*) FROM user_last_seen WHERE last_seen_at > $1)
     - (SELECT count(*)
        FROM users AS u
        JOIN user_last_seen AS s ON s.user_id = u.id
        WHERE u.created_at > $1 AND s.last_seen_at > $1)
     - (SELECT count(*)
        FROM user_tombstones AS t
        JOIN user_last_seen AS s ON s.user_id = t.id
        WHERE s.last_seen_at > $1)
