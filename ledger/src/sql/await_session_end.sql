-- Waits until no session holds the lock of this name: its transaction has then committed or will never.
SELECT pg_advisory_xact_lock(1818583143, $1)
