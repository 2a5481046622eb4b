SELECT count(*)
FROM users AS u
LEFT JOIN user_last_seen AS s ON s.user_id = u.id
WHERE ($1::text IS NULL OR position($1 IN lower(u.username)) > 0 OR position($1 IN lower(u.email)) > 0)
  AND ($2::text[] IS NULL OR u.search_terms @> $2)
  AND ($3::text[] IS NULL OR u.status = ANY ($3))
  AND ($4::text[] IS NULL OR u.roles && $4)
  AND ($5::text[] IS NULL OR u.login_type = ANY ($5))
  AND ($6::timestamptz IS NULL OR greatest(s.last_seen_at, u.created_at) < $6)
  AND ($7::timestamptz IS NULL OR greatest(s.last_seen_at, u.created_at) > $7)
  AND ($8::timestamptz IS NULL OR u.created_at < $8)
  AND ($9::timestamptz IS NULL OR u.created_at > $9)
  AND ($10::uuid[] IS NULL OR u.id = ANY ($10))
