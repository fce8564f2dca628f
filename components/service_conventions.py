"""The services that run in a cell: what is true of each in every cell, whatever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Namespace = Literal["trading", "payments"]
Pool = Literal["services", "payments"]

# Port of every service, above 1024 since its user has no privileges. It serves TLS with a certificate that it makes
# when it starts: load balancers encrypt the connection to a target and don't validate its certificate.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
PORT = 8443
HEALTH_PATH = "/healthz"  # of every service, asked by target groups and probes: 200 when it can serve

# Deregistration delay of target groups, in which requests under way may end.
DEREGISTRATION_SECONDS = 30
# A load balancer still sends requests while it deregisters a target, so a replica goes on serving for longer.
DRAIN_SECONDS = DEREGISTRATION_SECONDS + 10
GRACE_SECONDS = DRAIN_SECONDS + 30  # from the order to stop until the container is killed

# UID and GID of every container: nobody's, and of no user that a node has.
# https://kubernetes.io/docs/concepts/security/pod-security-standards/
CONTAINER_USER = 65532
SCRATCH_PATH = "/tmp"  # the only directory that a service may write to; it is gone with the replica


@dataclass(frozen=True, kw_only=True)
class Service:
    paths: tuple[str, ...]  # of the API, the first segments after the version: `/v1/<path>`
    namespace: Namespace
    pool: Pool  # the nodes that it runs on, by their label `castle/pool`
    streams: bool = False  # whether clients keep sockets to it open


# Payments is apart from the others: its own namespace, its own nodes, and fewer ways out.
SERVICES = {
    "trading-api": Service(paths=("orders",), namespace="trading", pool="services"),
    "market-data": Service(paths=("markets",), namespace="trading", pool="services", streams=True),
    "accounts": Service(paths=("accounts", "sessions"), namespace="trading", pool="services"),
    "payments": Service(paths=("payments",), namespace="payments", pool="payments"),
}
