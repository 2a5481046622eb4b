-- Ends the sessions that hold an appender's lock, whatever they are doing.
SELECT count(pg_terminate_backend(pid))
FROM pg_locks
WHERE locktype = 'advisory' AND granted AND classid = 1818583143 AND pid <> pg_backend_pid()
