"""Drills: the cloud changes as AWS would change it, and then every stack is asked what it would do about it."""
