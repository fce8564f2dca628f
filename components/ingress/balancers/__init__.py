"""Application load balancers, their listeners and target groups."""
