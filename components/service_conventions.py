"""The services that run in a cell: what is true of each in every cell, whatever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Namespace = Literal["trading", "payments"]
Pool = Literal["services", "payments"]

# On which every service listens, as nobody's privileged user, with TLS and a certificate that it makes when it
# starts: load balancers encrypt what they send on, and don't ask whose certificate it is.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
PORT = 8443
HEALTH_PATH = "/healthz"  # 200 when it can serve
# A target group waits that long before it lets go of a target; a pod drains for longer.
DEREGISTRATION_SECONDS = 30


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
