"""IAM: policy documents as rules read them, and what actions do."""
