WITH removed AS (
    DELETE FROM group_members WHERE user_id = $1 RETURNING group_id, departed
)
SELECT group_id FROM removed WHERE NOT departed
