SELECT note
FROM ledger_checkpoints
ORDER BY position DESC
LIMIT 1
