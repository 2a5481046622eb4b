-- Changes nothing, but is written: its commit waits for whatever commits wait for, and so for all that came before.
UPDATE ledger_head SET position = position
