SELECT position AS head_position, hash AS head_hash, recorded_at AS head_recorded_at FROM ledger_head
