DELETE FROM users WHERE id = $1 RETURNING status, search_terms
