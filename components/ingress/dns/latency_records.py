"""Route 53 latency records of the shared hosts, which fail over by each cell's health checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import alarm, alarm_topic
from components.ingress.dns.health_checks import (
    HostChecks,
    build_drain_check,
    build_health_check,
    build_host_check,
    no_cell_watch,
)
from components.ingress.dns.hosts import SHARED_HOSTS, own_host


@dataclass(frozen=True)
class HostTarget:
    """Alias target of a shared host in one cell: its load balancer or its API."""

    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class CellTarget:
    """Region of a cell, the alias targets of its hosts, and the ids of health checks of what serves behind them."""

    region: str
    hosts: Mapping[str, HostTarget]  # by shared host
    serving_checks: Mapping[str, pulumi.Input[Sequence[pulumi.Input[str]]]]  # by shared host


@dataclass(frozen=True, kw_only=True)
class RoutingArgs:
    platform: str
    account: str
    region: str  # where Route 53's metrics are

    domain: str
    zone_id: pulumi.Input[str]
    cells: Mapping[str, CellTarget]

    alarm_key_arn: pulumi.Input[str]  # of that region
    failover_seconds: int  # budget until clients of a lost cell resolve another one


class Routing(pulumi.ComponentResource):
    """Latency records by which each shared host resolves to the nearest cell that is healthy for it.

    That takes its own host, all services behind it, and that the cell isn't drained: an object in the next cell of
    the list says so, and a lone cell can't be. API and sockets fail over independently of each other. The alarm goes
    off when no cell's API answers.
    """

    alarm_topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:Routing", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        checks = {(host, cell): self._check(host, cell) for cell in args.cells for host in SHARED_HOSTS}
        drains = self._drain_checks()
        for (host, cell), check in checks.items():
            self._latency_record(host, cell, self._host_check(host, cell, [check, *drains.get(cell, ())]))
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
        alarm(
            f"{name}-no-cell", no_cell_watch(any_cell), self.alarm_topic_arn, self._child, region=args.region
        )
        self.register_outputs({"alarm_topic_arn": self.alarm_topic_arn})

    def _check(self, host: str, cell: str) -> aws.route53.HealthCheck:
        # The logical names of the API's checks have no host: there were no others once, and a rename replaces them.
        return build_health_check(
            f"{self._name}-check-{cell}" if host == "api" else f"{self._name}-check-{host}-{cell}",
            name_tag=f"{self._args.platform}-{own_host(host, cell)}",
            domain_name=f"{own_host(host, cell)}.{self._args.domain}",
            failover_seconds=self._args.failover_seconds,
            opts=self._child,
        )

    def _drain_checks(self) -> dict[str, list[aws.route53.HealthCheck]]:
        """One check for each cell, if there is another to tell."""
        cells = list(self._args.cells)
        return {
            cell: [
                build_drain_check(
                    f"{self._name}-drain-{cell}",
                    name_tag=f"{self._args.platform}-drain-{cell}",
                    domain_name=f"{own_host('api', teller)}.{self._args.domain}",
                    cell=cell,
                    opts=self._child,
                )
            ]
            for cell, teller in zip(cells, [*cells[1:], *cells[:1]], strict=True)
            if teller != cell
        }

    def _host_check(
        self, host: str, cell: str, made: Sequence[aws.route53.HealthCheck]
    ) -> aws.route53.HealthCheck:
        return build_host_check(
            f"{self._name}-serves-{host}-{cell}",
            name_tag=f"{self._args.platform}-{own_host(host, cell)}-serves",
            checks=HostChecks(
                made=[check.id for check in made], serving=self._args.cells[cell].serving_checks[host]
            ),
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
                    # The health check decides alone: a load balancer counts as unhealthy as soon as one of its
                    # target groups is empty.
                    evaluate_target_health=False,
                )
            ],
            opts=self._child,
        )
