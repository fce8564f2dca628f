"""Rules, one module for each service."""
