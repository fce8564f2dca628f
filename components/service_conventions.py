"""Conventions of every service's container: port, health path, and time to drain."""

from __future__ import annotations

from typing import Final

# Every service listens here, as an unprivileged user, with TLS and a certificate that it makes when it starts: load
# balancers encrypt what they forward, and don't verify the target's certificate.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
PORT: Final = 8443
HEALTH_PATH: Final = "/healthz"  # 200 when it can serve
# A target group waits that long before it lets go of a target; a pod drains for longer.
DEREGISTRATION_SECONDS: Final = 30
