-- Only while the key is in force: a rotation may have come between.
INSERT INTO ledger_checkpoints (position, hash, root, frontier, time, key_id, signature)
SELECT $1, $2, $3, $4, $5, k.key_id, $7
FROM ledger_signing_keys k
WHERE k.key_id = $6 AND k.valid_until IS NULL
FOR SHARE
ON CONFLICT (position) DO NOTHING
