INSERT INTO users (id, username, email, name, login_type, status, roles, quiet_hours_schedule, search_terms, created_at,
                   updated_at)
SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
       'name' || n,
       'name' || n || '@example.org',
       '',
       CASE WHEN n % 1000 = 1 THEN 'github' ELSE 'password' END,
       CASE WHEN n % 1000 = 2 THEN 'suspended' ELSE 'active' END,
       CASE WHEN n % 1000 = 3 THEN ARRAY['auditor'] ELSE '{}'::text[] END,
       '',
       ARRAY(SELECT DISTINCT substr('name' || n, i, l) FROM generate_series(1, 10) AS i, generate_series(1, 3) AS l
             WHERE length(substr('name' || n, i, l)) = l),
       '2020-01-01T00:00:00Z'::timestamptz + n * interval '1 minute',
       '2020-01-01T00:00:00Z'
FROM generate_series(1, 20000) AS n;
INSERT INTO user_last_seen (user_id, last_seen_at)
SELECT id, created_at + interval '1 hour' FROM users;
INSERT INTO user_tombstones (id)
SELECT ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid FROM generate_series(1, 20000) AS n;
INSERT INTO user_term_counts (term, users)
SELECT chr(20000 + n), 1 FROM generate_series(1, 20000) AS n;
INSERT INTO states (type, id, owner_id, name_key, ends_at, state, created_at, updated_at)
SELECT 'api_key', 'key' || n, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
       CASE WHEN n % 100 = 0 THEN 'token' ELSE '' END, '2030-01-01T00:00:00Z', '{"credential_generation": 0}',
       '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z'
FROM generate_series(1, 20000) AS n;
INSERT INTO api_key_last_used (key_id, last_used_at)
SELECT id, updated_at FROM states;
ANALYZE users;
ANALYZE user_last_seen;
ANALYZE user_tombstones;
ANALYZE user_term_counts;
ANALYZE states;
ANALYZE api_key_last_used
