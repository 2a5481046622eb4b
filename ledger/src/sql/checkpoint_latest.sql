SELECT position, hash, root, frontier, time, key_id, signature
FROM ledger_checkpoints
ORDER BY position DESC
LIMIT 1
