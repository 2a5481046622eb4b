UPDATE organizations AS o
SET member_count = o.member_count + c.change
FROM unnest($1::uuid[], $2::bigint[]) AS c (id, change)
WHERE o.id = c.id
