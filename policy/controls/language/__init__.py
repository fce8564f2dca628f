"""Language of rules: facts, verdicts, graph, documents, and shorthands for common checks."""
