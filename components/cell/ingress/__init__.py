"""Ingress of a cell: API, load balancers, firewall and authorizer."""
