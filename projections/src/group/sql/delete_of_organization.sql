DELETE FROM groups WHERE organization_id = $1
