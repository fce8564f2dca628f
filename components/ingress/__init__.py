"""Ingress: API Gateway, load balancers, DNS, CDN and web firewall."""
