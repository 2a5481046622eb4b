-- Stamps that are not events: losing one loses nothing that happened.
CREATE TABLE provisioner_daemon_last_seen (
    daemon_id    uuid        PRIMARY KEY,
    last_seen_at timestamptz NOT NULL
) WITH (fillfactor = 70);

COMMENT ON TABLE provisioner_daemon_last_seen IS
    'When a server last had a session with a provisioner daemon. Written about once a minute while it has one, so it is no event.';
COMMENT ON COLUMN provisioner_daemon_last_seen.daemon_id IS 'Id of the daemon.';
COMMENT ON COLUMN provisioner_daemon_last_seen.last_seen_at IS 'When its session was last known to go on.';
