"""Stores, one folder each, with their alarms, and the security group that all have."""
