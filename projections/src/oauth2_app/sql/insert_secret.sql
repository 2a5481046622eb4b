INSERT INTO oauth2_app_secrets (id, app_id) VALUES ($1, $2)
