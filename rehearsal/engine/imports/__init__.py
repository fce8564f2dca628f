"""Import of things that exist in the cloud and that no stack has: what is to be imported, and the import itself."""
