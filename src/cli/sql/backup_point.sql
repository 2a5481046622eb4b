SELECT pg_export_snapshot(), position FROM ledger_head
