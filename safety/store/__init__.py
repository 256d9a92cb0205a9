"""What is kept: engine.py opens it, ledger.py holds the decisions, tables.py says what there is."""
