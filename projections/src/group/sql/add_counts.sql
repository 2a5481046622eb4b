UPDATE groups AS g
SET member_count = g.member_count + c.change
FROM unnest($1::uuid[], $2::bigint[]) AS c (id, change)
WHERE g.id = c.id
