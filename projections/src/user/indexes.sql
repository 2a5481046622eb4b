-- Not unique: the ledger keeps the names unique, by its own lower case, which the database's collation need not share.
CREATE INDEX users_username ON users (lower(username));
CREATE INDEX users_email ON users (lower(email COLLATE "C"));
CREATE INDEX users_status ON users (status, lower(username));
CREATE INDEX users_login_type ON users (login_type, lower(username));
CREATE INDEX users_created_at ON users (created_at, id);
CREATE INDEX users_roles ON users USING gin (roles);
-- Without a list of pending entries: users are searched far more often than they come.
CREATE INDEX users_search_terms ON users USING gin (search_terms) WITH (fastupdate = off);
