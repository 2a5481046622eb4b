-- Lists of users are filtered by when they were last seen.
CREATE INDEX user_last_seen_at ON user_last_seen (last_seen_at, user_id);
