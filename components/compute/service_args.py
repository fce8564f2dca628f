"""Arguments of a service that TradingService and FargateService share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.security_group_rules import EgressRule

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ServiceTarget:
    """Target group in which the service's addresses are registered, and the load balancer in front of it."""

    # Known once a listener rule forwards to it: ECS refuses a group that has no load balancer.
    arn: pulumi.Input[str]
    metrics_name: pulumi.Input[str]  # CloudWatch's dimension `TargetGroup`
    balancer_metrics_name: pulumi.Input[str]  # the dimension `LoadBalancer`
    balancer_group_id: pulumi.Input[str]  # the load balancer's security group
    balancer_cidrs: Mapping[str, str]  # of the subnets from which it connects, by zone letter


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """`environment` holds no secret: the role reads those. The role is all that the service may do in AWS."""

    service: str
    account: str
    region: str

    repository: str  # of this account and region, where the image is
    digest: str  # sha256:...
    port: int
    health_path: str  # answers 200 when it can serve
    environment: Mapping[str, pulumi.Input[str]]
    role_arn: pulumi.Input[str]  # known once its policy is attached

    cpu: float  # vCPU of each replica
    memory: int  # MiB of each replica
    least: int
    most: int
    requests: int  # a second, for each replica
    spot: int  # percent of what is beyond `least`, where the runtime has Spot of its own

    targets: Mapping[str, ServiceTarget]  # by load balancer
    egress: Mapping[str, EgressRule]  # by destination

    key_arn: pulumi.Input[str]  # of this region, for logs
    log_days: int
    alarm_topic_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(
                f"{self.service}: {self.digest} is no digest of an image; write sha256: and 64 hex digits, since a "
                "tag may come to mean another image"
            )
        if not 1 <= self.least <= self.most:
            raise ValueError(
                f"{self.service}: {self.least} to {self.most} replicas can't be; write 1 or more as least, and no "
                "fewer as most"
            )
        if not self.targets:
            raise ValueError(
                f"{self.service}: nobody reaches it; name a load balancer's target group in targets"
            )

    @property
    def image(self) -> str:
        registry = f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"
        return f"{registry}/{self.repository}@{self.digest}"

    @property
    def requests_a_minute(self) -> int:
        """Requests of one replica in a period of CloudWatch's metrics, which are counted by the minute."""
        return 60 * self.requests
