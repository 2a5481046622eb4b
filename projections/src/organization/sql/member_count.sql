SELECT member_count FROM organizations WHERE id = $1
