UPDATE users SET search_terms = $2 WHERE id = $1
