INSERT INTO oauth2_grant_tombstones (id) SELECT * FROM unnest($1::uuid[])
