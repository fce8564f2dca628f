"""Requests of the engine as the pack reads them: decoded once, and made into nodes that all rules share."""
