"""ElastiCache for Valkey: the global datastore, the own cache of a cell, and users."""
