WITH removed AS (
    DELETE FROM group_members WHERE group_id = $1 AND user_id = ANY ($2) RETURNING departed
)
SELECT count(*) FROM removed WHERE NOT departed
