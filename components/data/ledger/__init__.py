"""Aurora PostgreSQL global database: the ledger."""
