DELETE FROM oauth2_grants WHERE app_id = ANY ($1) OR app_secret_id = ANY ($1)
