"""Identity: the permissions boundary of roles, and the keys that sign tokens."""
