"""S3 buckets, their policies and their replication."""
