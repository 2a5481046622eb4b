-- Names this session, and holds the name's lock for as long as the session lives. A server that acknowledges
-- commits before they are durable is told not to.
SELECT s.id,
       pg_try_advisory_lock(1818583143, s.id) AS locked,
       CASE current_setting('synchronous_commit')
           WHEN 'off' THEN set_config('synchronous_commit', 'on', false)
       END AS durable
FROM (SELECT nextval('ledger_sessions')::int AS id) s
