"""Differences between what is registered and what is recorded, and what they replace."""
