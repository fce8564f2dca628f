"""Lambda functions: role, log, security group, archive and schedule."""
