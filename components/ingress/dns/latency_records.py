"""How clients find a cell that lives: health checks and latency records in Route 53."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm, alarm_topic
from components.ingress.dns.hosts import HEALTH_PATH, SHARED_HOSTS, own_host

CHECK_SECONDS = 10  # the fastest that Route 53 offers
ALIAS_SECONDS = 60  # what an alias to a load balancer or to an API lives in resolvers
FAILURES = 3  # in a row, if the budget allows as many


@dataclass(frozen=True)
class HostTarget:
    """What answers for a shared host in one cell."""

    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class CellTarget:
    region: str
    hosts: Mapping[str, HostTarget]  # by shared host


@dataclass(frozen=True, kw_only=True)
class RoutingArgs:
    platform: str
    account: str
    region: str  # where Route 53's metrics are

    domain: str
    zone_id: pulumi.Input[str]
    cells: Mapping[str, CellTarget]

    alarm_key_arn: pulumi.Input[str]  # of that region
    failover_seconds: int  # until clients of a lost cell have another


class Routing(pulumi.ComponentResource):
    """Each shared host leads to the nearest cell whose own form of it answers, within the failover budget.

    A cell whose API is ill keeps its sockets, and the other way round. The alarm goes off when no cell is left.
    """

    alarm_topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:Routing", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        checks = {(host, cell): self._check(host, cell) for cell in args.cells for host in SHARED_HOSTS}
        for (host, cell), check in checks.items():
            self._latency_record(host, cell, check)
        any_cell = aws.route53.HealthCheck(
            f"{name}-any-cell",
            type="CALCULATED",
            child_healthchecks=[check.id for (host, _), check in checks.items() if host == "api"],
            child_health_threshold=1,
            tags={"Name": f"{args.platform}-any-cell"},
            opts=self._child,
        )
        self.alarm_topic_arn = alarm_topic(
            f"{name}-alarms",
            account=args.account,
            region=args.region,
            key_arn=args.alarm_key_arn,
            opts=self._child,
        )
        self._alarm(any_cell)
        self.register_outputs({"alarm_topic_arn": self.alarm_topic_arn})

    def _check(self, host: str, cell: str) -> aws.route53.HealthCheck:
        # By the cell's own name: the shared one would ask whichever cell is nearest to the checker. The API's checks
        # were all that there were, and keep their names.
        return aws.route53.HealthCheck(
            f"{self._name}-check-{cell}" if host == "api" else f"{self._name}-check-{host}-{cell}",
            type="HTTPS",
            fqdn=f"{own_host(host, cell)}.{self._args.domain}",
            port=443,
            resource_path=HEALTH_PATH,
            enable_sni=True,
            request_interval=CHECK_SECONDS,
            failure_threshold=failure_threshold(self._args.failover_seconds),
            tags={"Name": f"{self._args.platform}-{own_host(host, cell)}"},
            opts=self._child,
        )

    def _latency_record(self, host: str, cell: str, check: aws.route53.HealthCheck) -> None:
        target = self._args.cells[cell]
        aws.route53.Record(
            f"{self._name}-{host}-{cell}",
            zone_id=self._args.zone_id,
            name=f"{host}.{self._args.domain}",
            type="A",
            set_identifier=cell,
            latency_routing_policies=[aws.route53.RecordLatencyRoutingPolicyArgs(region=target.region)],
            health_check_id=check.id,
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=target.hosts[host].dns_name,
                    zone_id=target.hosts[host].zone_id,
                    # The check decides alone: a load balancer counts as ill as soon as one of its target
                    # groups is empty.
                    evaluate_target_health=False,
                )
            ],
            opts=self._child,
        )

    def _alarm(self, any_cell: aws.route53.HealthCheck) -> None:
        no_cell = Watch(
            tells="No cell answers: every shared host is down",
            namespace="AWS/Route53",
            metric="HealthCheckStatus",
            dimensions={"HealthCheckId": any_cell.id},
            statistic="Minimum",
            is_="below",
            threshold=1,
            periods=1,
            missing="breaching",
        )
        alarm(f"{self._name}-no-cell", no_cell, self.alarm_topic_arn, self._child, region=self._args.region)


def failure_threshold(budget_seconds: int) -> int:
    """How many checks may fail in a row so that checks and alias together stay in the budget.

    `budget_seconds` is at least 70, which settings promise.
    """
    return min(FAILURES, (budget_seconds - ALIAS_SECONDS) // CHECK_SECONDS)
