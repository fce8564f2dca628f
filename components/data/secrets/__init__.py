"""Secrets Manager: secrets, their replicas and their rotation."""
