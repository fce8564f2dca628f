"""Judges from outside: service models and resource schemas, made into the digest that the rehearsal asks."""
