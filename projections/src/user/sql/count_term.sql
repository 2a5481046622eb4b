SELECT coalesce((SELECT users FROM user_term_counts WHERE term = $1), 0)
