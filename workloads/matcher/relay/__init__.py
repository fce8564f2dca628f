"""Relay: applies the ledger's outbox to DynamoDB and publishes it on SNS, in one cell at a time."""
