DELETE FROM oauth2_app_secrets WHERE id = $1
