CREATE TABLE users (
    id                      uuid        PRIMARY KEY,
    username                text        NOT NULL,
    email                   text        NOT NULL,
    name                    text        NOT NULL,
    login_type              text        NOT NULL,
    status                  text        NOT NULL,
    roles                   text[]      NOT NULL,
    quiet_hours_schedule    text        NOT NULL,
    credential_generation   integer     NOT NULL DEFAULT 0,
    search_terms            text[]      NOT NULL,
    created_at              timestamptz NOT NULL,
    updated_at              timestamptz NOT NULL
);

COMMENT ON TABLE users IS 'One row per user; deleted ones have none. Holds no password hash: a login reads that from the user''s stream.';
COMMENT ON COLUMN users.id IS 'Id of the user.';
COMMENT ON COLUMN users.username IS 'Unique without regard to case.';
COMMENT ON COLUMN users.email IS 'Unique without regard to case.';
COMMENT ON COLUMN users.name IS 'Name for people; may be empty.';
COMMENT ON COLUMN users.login_type IS 'How the user signs in: password, github, oidc, none.';
COMMENT ON COLUMN users.status IS 'active, dormant or suspended.';
COMMENT ON COLUMN users.roles IS 'Site roles; the implicit member role is not listed.';
COMMENT ON COLUMN users.quiet_hours_schedule IS 'The user''s own schedule, cron text with its time zone; empty when it has none.';
COMMENT ON COLUMN users.credential_generation IS 'How often all that was handed out to the user until then ended: API keys of an earlier generation are refused.';
COMMENT ON COLUMN users.search_terms IS 'Every one, two or three characters in a row of the lower-case user name and e-mail address: narrows a search for a part of either.';
COMMENT ON COLUMN users.created_at IS 'When its first event was recorded.';
COMMENT ON COLUMN users.updated_at IS 'When its last change was recorded.';

CREATE TABLE user_counts (
    status text   PRIMARY KEY,
    users  bigint NOT NULL
) WITH (fillfactor = 50);

COMMENT ON TABLE user_counts IS 'How many users there are, so that the first page of a list need not count them. Updated with every batch, hence the low fill factor.';
COMMENT ON COLUMN user_counts.status IS 'active, dormant or suspended.';
COMMENT ON COLUMN user_counts.users IS 'Users of that status.';

CREATE TABLE user_term_counts (
    term  text   PRIMARY KEY,
    users bigint NOT NULL
) WITH (fillfactor = 50);

COMMENT ON TABLE user_term_counts IS 'How many users a search for one or two characters finds: so many, mostly, that counting them takes long.';
COMMENT ON COLUMN user_term_counts.term IS 'One or two characters of users.search_terms; a term that nobody has any more stays.';
COMMENT ON COLUMN user_term_counts.users IS 'Users that have the term.';

CREATE TABLE user_tombstones (
    id uuid PRIMARY KEY
);

COMMENT ON TABLE user_tombstones IS 'Deleted users: what is kept of when they were last seen must not be counted.';
COMMENT ON COLUMN user_tombstones.id IS 'Id of the user.';
