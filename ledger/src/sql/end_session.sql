-- Ends the session that holds the lock of this name, wherever its client went.
SELECT count(pg_terminate_backend(pid))
FROM pg_locks
WHERE locktype = 'advisory' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = 1818583143 AND objid = $1::int::oid AND objsubid = 2 AND pid <> pg_backend_pid()
