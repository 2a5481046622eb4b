SELECT id FROM oauth2_grant_tombstones WHERE id = ANY ($1)
