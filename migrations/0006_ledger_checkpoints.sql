-- Signed checkpoints: what an auditor keeps, so that a rewrite of the whole chain is found too. Format: docs/ledger-format.md.

CREATE TABLE ledger_signing_keys (
    public_key  text   COLLATE "C" PRIMARY KEY,
    after       bigint NOT NULL CHECK (after >= 0),
    predecessor text   COLLATE "C" UNIQUE REFERENCES ledger_signing_keys (public_key),
    statement   text   NOT NULL
);

-- One key is the first, and each has one successor at most: one key at a time is in force.
CREATE UNIQUE INDEX ledger_signing_keys_first ON ledger_signing_keys ((true)) WHERE predecessor IS NULL;

COMMENT ON TABLE ledger_signing_keys IS
    'Public keys (Ed25519) that sign checkpoints. The private key is in a file, never here. The one in force has no successor.';
COMMENT ON COLUMN ledger_signing_keys.public_key IS 'The public key, a verifier key of C2SP signed-note.';
COMMENT ON COLUMN ledger_signing_keys.after IS 'It signs checkpoints of later positions than this.';
COMMENT ON COLUMN ledger_signing_keys.predecessor IS 'The key this one took over from; null for the first.';
COMMENT ON COLUMN ledger_signing_keys.statement IS 'A signed note that says so, signed by the key and by its predecessor.';

CREATE TABLE ledger_checkpoints (
    position bigint      PRIMARY KEY CHECK (position >= 1),
    note     text        NOT NULL,
    made_at  timestamptz NOT NULL
);

COMMENT ON TABLE ledger_checkpoints IS
    'Signed statements of what the ledger held. Keep a copy of one elsewhere: it proves everything up to it.';
COMMENT ON COLUMN ledger_checkpoints.position IS 'The last event it covers; so many events there were.';
COMMENT ON COLUMN ledger_checkpoints.note IS 'The checkpoint (C2SP tlog-checkpoint): a signed note of the log''s name, the position and the tree''s root.';
COMMENT ON COLUMN ledger_checkpoints.made_at IS 'When it was made, by the server''s clock. Not signed.';

CREATE TABLE ledger_tiles (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);

-- Hashes do not compress.
ALTER TABLE ledger_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

COMMENT ON TABLE ledger_tiles IS
    'The Merkle tree of the checkpoints, as C2SP tlog-tiles has it. Follows from the events; grows with each checkpoint.';
COMMENT ON COLUMN ledger_tiles.level IS '0: the hashes are leaves. Else each is the root of a full tile of the level below.';
COMMENT ON COLUMN ledger_tiles.index IS 'Place within the level, from 0.';
COMMENT ON COLUMN ledger_tiles.hashes IS '1 to 256 hashes, 32 bytes each.';

COMMENT ON COLUMN snapshots.aggregate_type IS 'Kind of the stream.';
COMMENT ON COLUMN snapshots.aggregate_id IS 'Name of the stream within its kind.';
