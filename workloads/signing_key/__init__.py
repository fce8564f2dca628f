"""Rotation of a service's signing key: a random value in Secrets Manager, which no other system has to store."""
