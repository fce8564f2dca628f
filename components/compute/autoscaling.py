"""Autoscaling thresholds of a service, on EKS and on Fargate: a replica more is wanted above them."""

from __future__ import annotations

CPU_PERCENT = 60  # of the CPU that each replica requests
MEMORY_PERCENT = 75  # of the memory that each replica requests
# Replicas are added at once and removed late: new ones have to open sockets and load order books anew.
SCALE_IN_SECONDS = 300
