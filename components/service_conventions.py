"""Conventions of every service's container: port, health path, time to drain, user and writable directory."""

from __future__ import annotations

from typing import Final

# Port of every service, above 1024 since its user has no privileges. It serves TLS with a certificate that it makes
# when it starts: load balancers encrypt the connection to a target and don't validate its certificate.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
SERVICE_PORT: Final = 8443
SERVICE_HEALTH_PATH: Final = (
    "/healthz"  # of every service, asked by target groups and probes: 200 when it can serve
)

# Deregistration delay of target groups, in which requests under way may end.
DEREGISTRATION_SECONDS: Final = 30
# A load balancer still sends requests while it deregisters a target, so a replica goes on serving for longer.
DRAIN_SECONDS: Final = DEREGISTRATION_SECONDS + 10
GRACE_SECONDS: Final = DRAIN_SECONDS + 30  # from the order to stop until the container is killed

# UID and GID of every container: nobody's, and of no user that a node has.
# https://kubernetes.io/docs/concepts/security/pod-security-standards/
CONTAINER_USER: Final = 65532
SCRATCH_PATH: Final = "/tmp"  # the only directory that a service may write to; it is gone with the replica
SCRATCH_MIB: Final = 256  # at most; what is in it counts as the replica's memory
