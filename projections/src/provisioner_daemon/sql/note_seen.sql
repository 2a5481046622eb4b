INSERT INTO provisioner_daemon_last_seen AS l (daemon_id, last_seen_at)
SELECT id, $2 FROM unnest($1::uuid[]) AS id ORDER BY id
ON CONFLICT (daemon_id) DO UPDATE SET last_seen_at = greatest(l.last_seen_at, excluded.last_seen_at)
