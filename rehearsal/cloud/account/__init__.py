"""Account: who calls, which roles its services have, and how much of everything it may have."""
