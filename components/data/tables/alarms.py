"""Alarms of one DynamoDB table in one region: throttling, errors and replication lag."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm

NAMESPACE = "AWS/DynamoDB"
# Errors of DynamoDB itself are reported by operation, and CloudWatch adds up at most ten metrics in an alarm.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
OPERATIONS = ("DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")
# An item usually reaches another region within a second.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
MAX_LAG_MILLISECONDS = 5000
MAX_REQUESTS = 0  # that are throttled or fail in a minute
PERIODS = 5  # minutes that are evaluated
ALARMING_PERIODS = 3  # of these, so that a blip that DynamoDB retries by itself alarms nobody


def table_alarms(
    name: str,
    table: str,
    replica_regions: Sequence[str],
    topic_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Throttling, errors of DynamoDB, and the lag of this region's writes in each of `replica_regions`."""
    child = pulumi.ResourceOptions(parent=parent)
    throttled = [("ReadThrottleEvents", None), ("WriteThrottleEvents", None)]
    failed = [("SystemErrors", operation) for operation in OPERATIONS]
    for ending, metrics, description in (
        ("throttled", throttled, f"Requests to {table} are throttled"),
        ("failed", failed, f"DynamoDB fails in requests to {table}"),
    ):
        _sum_alarm(f"{name}-{ending}", table, metrics, topic_arn, child, description=description)
    for region in replica_regions:
        alarm(
            f"{name}-late-{region}",
            AlarmSpec(
                description=f"What is written to {table} here comes late to {region}",
                namespace=NAMESPACE,
                metric="ReplicationLatency",
                dimensions={"TableName": table, "ReceivingRegion": region},
                statistic="Average",
                comparison="above",
                threshold=MAX_LAG_MILLISECONDS,
            ),
            topic_arn,
            child,
        )


def _sum_alarm(
    name: str,
    table: str,
    metrics: Sequence[tuple[str, str | None]],
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    description: str,
) -> None:
    """An alarm on the sum of several metrics, which has to be zero in all but two minutes out of five."""
    counts = [
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
    expression = " + ".join(f"FILL({each.id}, 0)" for each in counts)
    total = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="total", expression=expression, label=description, return_data=True
    )
    aws.cloudwatch.MetricAlarm(
        name,
        alarm_description=description,
        metric_queries=[*counts, total],
        comparison_operator="GreaterThanThreshold",
        threshold=MAX_REQUESTS,
        evaluation_periods=PERIODS,
        datapoints_to_alarm=ALARMING_PERIODS,
        treat_missing_data="notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
    )
