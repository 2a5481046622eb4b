-- Signed checkpoints: what an auditor keeps, so that a rewrite of the whole chain is found too.

CREATE TABLE ledger_signing_keys (
    key_id      text        COLLATE "C" PRIMARY KEY,
    public_key  bytea       NOT NULL CHECK (octet_length(public_key) = 32),
    valid_from  timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until >= valid_from),
    predecessor text        COLLATE "C" REFERENCES ledger_signing_keys (key_id),
    signature   bytea       NOT NULL CHECK (octet_length(signature) = 64),
    endorsement bytea       CHECK (octet_length(endorsement) = 64),
    CHECK ((predecessor IS NULL) = (endorsement IS NULL))
);

-- One key at a time is in force.
CREATE UNIQUE INDEX ledger_signing_keys_in_force ON ledger_signing_keys ((true)) WHERE valid_until IS NULL;

COMMENT ON TABLE ledger_signing_keys IS
    'Public keys (Ed25519) that sign checkpoints. The private key is in a file, never here. Format: docs/ledger-format.md.';
COMMENT ON COLUMN ledger_signing_keys.key_id IS 'The first 16 hexadecimal digits of the public key''s SHA-256.';
COMMENT ON COLUMN ledger_signing_keys.public_key IS 'The public key: 32 bytes, RFC 8032.';
COMMENT ON COLUMN ledger_signing_keys.valid_from IS 'Checkpoints before this time are not this key''s.';
COMMENT ON COLUMN ledger_signing_keys.valid_until IS 'Checkpoints after this time are not this key''s; null while it is in force.';
COMMENT ON COLUMN ledger_signing_keys.predecessor IS 'The key this one took over from; null for the first.';
COMMENT ON COLUMN ledger_signing_keys.signature IS 'The key''s own signature of its statement: who made the row held the private key.';
COMMENT ON COLUMN ledger_signing_keys.endorsement IS 'The predecessor''s signature of the same statement.';

CREATE TABLE ledger_checkpoints (
    position  bigint      PRIMARY KEY CHECK (position >= 1),
    hash      bytea       NOT NULL CHECK (octet_length(hash) = 32),
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    frontier  bytea       NOT NULL CHECK (octet_length(frontier) % 32 = 0),
    time      timestamptz NOT NULL,
    key_id    text        COLLATE "C" NOT NULL REFERENCES ledger_signing_keys (key_id),
    signature bytea       NOT NULL CHECK (octet_length(signature) = 64)
);

COMMENT ON TABLE ledger_checkpoints IS
    'Signed statements of what the ledger held. Keep a copy of one elsewhere: it proves everything up to it.';
COMMENT ON COLUMN ledger_checkpoints.position IS 'The last event it covers; so many events there were.';
COMMENT ON COLUMN ledger_checkpoints.hash IS 'The chain''s hash there.';
COMMENT ON COLUMN ledger_checkpoints.root IS 'Root of the Merkle tree (RFC 6962) over the hashes of events 1 to position.';
COMMENT ON COLUMN ledger_checkpoints.frontier IS
    'Roots of the tree''s complete subtrees, largest first, 32 bytes each: what the tree grows on from. Follows from the events; not signed.';
COMMENT ON COLUMN ledger_checkpoints.time IS 'When it was made, by the server''s clock.';
COMMENT ON COLUMN ledger_checkpoints.key_id IS 'The key that signed it.';
COMMENT ON COLUMN ledger_checkpoints.signature IS 'Ed25519 signature of position, hash, root, time and key_id: docs/ledger-format.md.';

COMMENT ON COLUMN snapshots.aggregate_type IS 'Kind of the stream.';
COMMENT ON COLUMN snapshots.aggregate_id IS 'Name of the stream within its kind.';
