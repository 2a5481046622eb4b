-- How the standby stands: streaming, and sync where commits wait for it.
SELECT state || ' ' || sync_state
FROM pg_stat_replication
WHERE application_name = 'chaos_standby'
