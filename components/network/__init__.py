"""VPC, subnets, peering and interface endpoints."""
