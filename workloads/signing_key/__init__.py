"""Rotates a key that a service signs with: a random value, which nobody else has to be told of."""
