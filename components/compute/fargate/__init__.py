"""ECS on Fargate: cluster, and services as tasks."""
