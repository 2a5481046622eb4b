-- Unlogged, so that it is empty again after a crash, and on a standby that is promoted: then, and only then, what was
-- committed without waiting for the disk (the read models) may be gone. Whoever connects first gives the new life a name.
CREATE UNLOGGED TABLE incarnation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       uuid NOT NULL
);

COMMENT ON TABLE incarnation IS
    'Names the server''s life since the last crash or promotion. Two connections of one name see everything that either committed.';
COMMENT ON COLUMN incarnation.only_row IS 'Always true: there is one row.';
COMMENT ON COLUMN incarnation.id IS 'Random; another after every crash and promotion.';
