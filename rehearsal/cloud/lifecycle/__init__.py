"""Lifecycle of a resource in the pretend cloud: check, diff, create, read, update, delete, and refusals."""
