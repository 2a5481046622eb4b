-- Only while the key is in force: a rotation may have come between.
INSERT INTO ledger_checkpoints (position, note, made_at)
SELECT $1, $2, $3
FROM ledger_signing_keys k
WHERE k.public_key = $4 AND NOT EXISTS (SELECT FROM ledger_signing_keys s WHERE s.predecessor = k.public_key)
ON CONFLICT (position) DO NOTHING
