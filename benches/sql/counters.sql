-- $1: a database. Syncs are null where this PostgreSQL counts them elsewhere.
SELECT (pg_current_wal_lsn() - '0/0')::bigint AS wal_bytes,
    (SELECT (to_jsonb(pg_stat_wal) ->> 'wal_sync')::bigint FROM pg_stat_wal) AS wal_syncs,
    (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1) AS transactions
