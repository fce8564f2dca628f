"""Health: what a host name leads to, what of that is up, and what Route 53's health checks say of it."""
