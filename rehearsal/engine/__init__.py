"""Embedded engine: Pulumi's operations, over its own protocols."""
