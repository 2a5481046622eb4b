SELECT daemon_id, last_seen_at FROM provisioner_daemon_last_seen WHERE daemon_id = ANY($1)
