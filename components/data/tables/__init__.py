"""DynamoDB: global tables and their replicas."""
