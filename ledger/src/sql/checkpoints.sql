SELECT note, made_at
FROM ledger_checkpoints
WHERE position > $1
ORDER BY position
LIMIT $2
