SELECT note
FROM ledger_checkpoints
WHERE position >= $1
ORDER BY position
LIMIT 1
