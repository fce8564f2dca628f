"""Composition of the edge, the stack `global`."""
