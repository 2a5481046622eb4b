DELETE FROM oauth2_grants WHERE id = ANY ($1)
