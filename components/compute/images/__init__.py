"""Container images: ECR repositories and their replication."""
