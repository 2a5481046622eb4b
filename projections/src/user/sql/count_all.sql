SELECT coalesce(sum(users), 0)::bigint FROM user_counts
