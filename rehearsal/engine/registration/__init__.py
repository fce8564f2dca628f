"""Registration of resources: inheritance, providers, transforms, aliases, validation."""
