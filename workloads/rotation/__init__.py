"""Rotation of the password of the ledger's administrator: the Lambda of its secret in Secrets Manager."""
