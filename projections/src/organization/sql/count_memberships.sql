SELECT coalesce(sum(member_count), 0)::bigint FROM organizations
