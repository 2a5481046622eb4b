INSERT INTO user_counts AS c (status, users)
SELECT * FROM unnest($1::text[], $2::bigint[])
ON CONFLICT (status) DO UPDATE SET users = c.users + excluded.users
