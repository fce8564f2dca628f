"""KMS key families of data sets, and their key policies."""
