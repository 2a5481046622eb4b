SELECT position, hash, root, time, key_id, signature
FROM ledger_checkpoints
WHERE position > $1
ORDER BY position
LIMIT $2
