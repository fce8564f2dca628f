"""Processes of programs and packs, forked from a server that has the SDK loaded."""
