"""Logins to the ledger's PostgreSQL: TLS, timeouts, and IAM authentication in the region of the writer."""
