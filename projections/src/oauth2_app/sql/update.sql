UPDATE oauth2_apps
SET name = $2, callback_url = $3, icon = $4, redirect_uris = $5, updated_at = $6
WHERE id = $1
