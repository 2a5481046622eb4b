SELECT position FROM ledger_head
