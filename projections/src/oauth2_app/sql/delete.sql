DELETE FROM oauth2_apps WHERE id = $1
