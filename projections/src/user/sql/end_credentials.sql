UPDATE users SET credential_generation = credential_generation + 1, updated_at = $2 WHERE id = $1
