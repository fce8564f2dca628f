"""How clients find a cell that lives: health checks and latency records in Route 53."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.hosts import HEALTH_PATH, SHARED_HOSTS, own_host

CHECK_SECONDS = 10  # the fastest that Route 53 offers
ALIAS_SECONDS = 60  # what an alias to a load balancer lives in resolvers
FAILURES = 3  # in a row, if the budget allows as many


@dataclass(frozen=True, kw_only=True)
class CellTarget:
    region: str
    dns_name: pulumi.Input[str]
    zone_id: pulumi.Input[str]


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
    """Each shared host leads to the nearest cell whose own name answers, within the failover budget.

    The alarm goes off when no cell is left.
    """

    alarm_topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RoutingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:Routing", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        checks = {cell: self._check(cell) for cell in args.cells}
        for cell, check in checks.items():
            self._latency_records(cell, check)
        any_cell = aws.route53.HealthCheck(
            f"{name}-any-cell",
            type="CALCULATED",
            child_healthchecks=[check.id for check in checks.values()],
            child_health_threshold=1,
            tags={"Name": f"{args.platform}-any-cell"},
            opts=self._child,
        )
        self.alarm_topic_arn = self._alarm_topic_arn()
        self._alarm(any_cell)
        self.register_outputs({"alarm_topic_arn": self.alarm_topic_arn})

    def _check(self, cell: str) -> aws.route53.HealthCheck:
        # By the cell's own name: the shared one would ask whichever cell is nearest to the checker.
        return aws.route53.HealthCheck(
            f"{self._name}-check-{cell}",
            type="HTTPS",
            fqdn=f"{own_host('api', cell)}.{self._args.domain}",
            port=443,
            resource_path=HEALTH_PATH,
            enable_sni=True,
            request_interval=CHECK_SECONDS,
            failure_threshold=failure_threshold(self._args.failover_seconds),
            tags={"Name": f"{self._args.platform}-{cell}"},
            opts=self._child,
        )

    def _latency_records(self, cell: str, check: aws.route53.HealthCheck) -> None:
        target = self._args.cells[cell]
        for host in SHARED_HOSTS:
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
                        name=target.dns_name,
                        zone_id=target.zone_id,
                        # The check decides alone: a load balancer counts as ill as soon as one of its target
                        # groups is empty.
                        evaluate_target_health=False,
                    )
                ],
                opts=self._child,
            )

    def _alarm_topic_arn(self) -> pulumi.Output[str]:
        topic = aws.sns.Topic(
            f"{self._name}-alarms",
            region=self._args.region,
            kms_master_key_id=self._args.alarm_key_arn,
            opts=self._child,
        )
        policy = topic.arn.apply(lambda arn: json.dumps(alarm_topic_policy(arn, self._args.account)))
        return aws.sns.TopicPolicy(
            f"{self._name}-alarms", region=self._args.region, arn=topic.arn, policy=policy, opts=self._child
        ).arn

    def _alarm(self, any_cell: aws.route53.HealthCheck) -> None:
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-no-cell",
            region=self._args.region,
            alarm_description="No cell answers: every shared host is down",
            namespace="AWS/Route53",
            metric_name="HealthCheckStatus",
            dimensions={"HealthCheckId": any_cell.id},
            statistic="Minimum",
            comparison_operator="LessThanThreshold",
            threshold=1,
            period=60,
            evaluation_periods=1,
            treat_missing_data="breaching",
            alarm_actions=[self.alarm_topic_arn],
            ok_actions=[self.alarm_topic_arn],
            opts=self._child,
        )


def failure_threshold(budget_seconds: int) -> int:
    """How many checks may fail in a row so that checks and alias together stay in the budget.

    `budget_seconds` is at least 70, which settings promise.
    """
    return min(FAILURES, (budget_seconds - ALIAS_SECONDS) // CHECK_SECONDS)


def alarm_topic_policy(topic_arn: str, account: str) -> dict[str, object]:
    """Alarms of this account publish; its own principals need no more than their IAM policies."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AlarmsPublish",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic_arn,
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:*:{account}:alarm:*"},
                },
            }
        ],
    }
