SELECT secret_id, last_used_at FROM oauth2_app_secret_last_used WHERE secret_id = ANY ($1)
