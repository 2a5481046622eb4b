-- Commits wait for the standby from the next reload on.
ALTER SYSTEM SET synchronous_standby_names = 'chaos_standby'
