"""What a service is, whatever runs it: the arguments that TradingService and FargateService both take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.alarms import Watch, alarm
from components.compute.functions.function import EgressRule
from components.service_conventions import DEREGISTRATION_SECONDS

# From where on another replica is wanted, in percent of what each asks for.
CPU_PERCENT = 60
MEMORY_PERCENT = 75
# A load balancer still sends requests while it lets go of a target; after that what is under way may end.
DRAIN_SECONDS = DEREGISTRATION_SECONDS + 10
GRACE_SECONDS = DRAIN_SECONDS + 30
# Nobody's, and of no user that a node has: https://kubernetes.io/docs/concepts/security/pod-security-standards/
USER = 65532
SCRATCH = "/tmp"  # all that a service may write to; it is gone with the replica

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target group in which the service's addresses have to be, and the load balancer before it."""

    arn: pulumi.Input[str]  # known once a rule leads to it: ECS refuses a group that has no load balancer
    metrics_name: pulumi.Input[str]  # CloudWatch's dimension `TargetGroup`
    balancer_metrics_name: pulumi.Input[str]  # the dimension `LoadBalancer`
    balancer_group_id: pulumi.Input[str]  # the load balancer's security group
    balancer_cidrs: Mapping[str, str]  # of the subnets from which it connects, by zone letter


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """`environment` holds no secret: the role reads those, and it is all that the service may do at AWS."""

    service: str
    account: str
    region: str

    repository: str  # of this account and region, where the image is
    digest: str  # sha256:...
    port: int
    health_path: str  # answers 200 when it can serve
    environment: Mapping[str, pulumi.Input[str]]
    role_arn: pulumi.Input[str]  # known once it may do its work

    cpu: float  # vCPU of each replica
    memory: int  # MiB of each replica
    least: int
    most: int
    requests: int  # a second, for each replica
    spot: int  # percent of what is beyond `least`, where the runtime has Spot of its own

    targets: Mapping[str, Target]  # by load balancer
    egress: Mapping[str, EgressRule]  # where it connects to, by what is there

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
        """What CloudWatch counts of one replica's requests."""
        return 60 * self.requests


def service_alarms(name: str, args: ServiceArgs, opts: pulumi.ResourceOptions) -> None:
    """Nobody serves, too few do, or requests fail: alarms for each target group.

    Too few also tells of restarts, of which no metric comes without an agent.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    for balancer, target in args.targets.items():
        for thing, watch in _watches(args, target).items():
            alarm(f"{name}-alarm-{thing}-{balancer}", watch, args.alarm_topic_arn, opts)


def _watches(args: ServiceArgs, target: Target) -> dict[str, Watch]:
    namespace = "AWS/ApplicationELB"
    dimensions = {"LoadBalancer": target.balancer_metrics_name, "TargetGroup": target.metrics_name}
    return {
        "none": Watch(
            tells=f"None of {args.service} serves",
            namespace=namespace,
            metric="HealthyHostCount",
            dimensions=dimensions,
            statistic="Maximum",
            is_="below",
            threshold=1,
            periods=2,
            missing="breaching",
        ),
        "few": Watch(
            tells=f"Fewer than {args.least} of {args.service} serve",
            namespace=namespace,
            metric="HealthyHostCount",
            dimensions=dimensions,
            statistic="Minimum",
            is_="below",
            threshold=args.least,
            periods=10,  # longer than a deployment or a node takes to replace one
        ),
        "errors": Watch(
            tells=f"{args.service} fails more than one in a hundred of the requests that it is sized for at least",
            namespace=namespace,
            metric="HTTPCode_Target_5XX_Count",
            dimensions=dimensions,
            statistic="Sum",
            is_="above",
            threshold=args.requests_a_minute * args.least // 100,
            periods=3,
        ),
    }
