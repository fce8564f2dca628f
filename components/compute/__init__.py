"""Compute: EKS and Fargate for services, Lambda functions, and images."""
