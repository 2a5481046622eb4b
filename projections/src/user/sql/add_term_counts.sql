INSERT INTO user_term_counts AS c (term, users)
SELECT * FROM unnest($1::text[], $2::bigint[])
ON CONFLICT (term) DO UPDATE SET users = c.users + excluded.users
