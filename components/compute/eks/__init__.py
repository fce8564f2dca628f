"""EKS: cluster, nodes, namespaces, and services as pods."""
