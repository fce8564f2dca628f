"""Runs the real program, unchanged, against a pretend cloud: no account, no plugin, no network."""
