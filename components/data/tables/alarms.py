"""The alarms of one table in one region."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm

NAMESPACE = "AWS/DynamoDB"
# Errors of DynamoDB itself are counted for each operation, and CloudWatch adds at most ten metrics up in an alarm.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
OPERATIONS = ("DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
# What an item usually takes to another region is a second or less.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
MAX_LAG_MILLISECONDS = 5000


def table_alarms(
    name: str,
    table: str,
    receivers: Sequence[str],
    topic_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Throttling, AWS's own errors, and how late writes of this region are in each region of `receivers`."""
    child = pulumi.ResourceOptions(parent=parent)
    throttled = [("ReadThrottleEvents", None), ("WriteThrottleEvents", None)]
    failed = [("SystemErrors", operation) for operation in OPERATIONS]
    for ending, metrics, tells in (
        ("throttled", throttled, f"Requests to {table} are throttled"),
        ("failed", failed, f"DynamoDB fails in requests to {table}"),
    ):
        _sum(f"{name}-{ending}", table, metrics, topic_arn, child, tells=tells)
    for region in receivers:
        alarm(
            f"{name}-late-{region}",
            Watch(
                tells=f"What is written to {table} here comes late to {region}",
                namespace=NAMESPACE,
                metric="ReplicationLatency",
                dimensions={"TableName": table, "ReceivingRegion": region},
                statistic="Average",
                is_="above",
                threshold=MAX_LAG_MILLISECONDS,
            ),
            topic_arn,
            child,
        )


def _sum(
    name: str,
    table: str,
    metrics: Sequence[tuple[str, str | None]],
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    tells: str,
) -> None:
    """An alarm on several metrics together: none of it may be in any of three minutes out of five."""
    counted = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=f"m{number}",
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=NAMESPACE,
                metric_name=metric,
                dimensions={"TableName": table} | ({"Operation": operation} if operation else {}),
                stat="Sum",
                period=60,
            ),
            return_data=False,
        )
        for number, (metric, operation) in enumerate(metrics)
    ]
    filled = " + ".join(f"FILL({each.id}, 0)" for each in counted)
    total = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="total", expression=filled, label=tells, return_data=True
    )
    aws.cloudwatch.MetricAlarm(
        name,
        alarm_description=tells,
        metric_queries=[*counted, total],
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        evaluation_periods=5,
        datapoints_to_alarm=3,
        treat_missing_data="notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
    )
