"""Steps of a deployment: check, diff, replacement, deletion, read, refresh."""
