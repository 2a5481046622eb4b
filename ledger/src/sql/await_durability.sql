SELECT ledger_await_durability()
