DELETE FROM oauth2_app_secrets WHERE app_id = $1
