"""Settings that an AWS account has once, or once in each region."""
