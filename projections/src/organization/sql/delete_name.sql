DELETE FROM member_names WHERE user_id = $1
