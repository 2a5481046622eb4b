INSERT INTO oauth2_app_secrets (id, app_id, secret_prefix, hashed_secret, display_secret, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
