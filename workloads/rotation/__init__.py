"""Rotates the password of the ledger's administrator, as Secrets Manager asks a Lambda to."""
