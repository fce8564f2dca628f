"""IAM: documents, the patterns in them, and the evaluation of a request by the documents that decide on it."""
