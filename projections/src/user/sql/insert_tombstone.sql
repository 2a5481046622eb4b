INSERT INTO user_tombstones (id) VALUES ($1)
