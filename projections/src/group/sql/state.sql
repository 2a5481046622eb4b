SELECT state FROM groups WHERE id = $1
