"""EFS: shared files and their replica."""
