"""Access of roles: what services try with a role that they are given, evaluated as IAM would."""
