"""Runs the project's own program, unchanged, against a pretend cloud: no account, no plugin, no network."""
