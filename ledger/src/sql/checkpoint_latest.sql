SELECT note, made_at
FROM ledger_checkpoints
ORDER BY position DESC
LIMIT 1
