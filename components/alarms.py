"""CloudWatch alarms, which each component makes of its own resources, and the SNS topic that they notify."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class AlarmSpec:
    """Metric and threshold of an alarm, which goes off after `periods` periods of `seconds` beyond the threshold.

    `missing` is what a period without data counts as: for a metric that is always reported, it is breaching.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """

    description: str  # the alarm's description: what is wrong and for whom, in a sentence
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: Literal["Average", "Maximum", "Minimum", "Sum", "p99"]
    comparison: Literal["above", "below"]
    threshold: float
    seconds: int = 60
    periods: int = 5
    missing: Literal["breaching", "notBreaching"] = "notBreaching"


def alarm(
    name: str,
    spec: AlarmSpec,
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    region: str | None = None,
) -> aws.cloudwatch.MetricAlarm:
    """An alarm that notifies a topic when it goes off and when it is over. `region` is the provider's if left out."""
    return aws.cloudwatch.MetricAlarm(
        name,
        region=region,
        alarm_description=spec.description,
        namespace=spec.namespace,
        metric_name=spec.metric,
        dimensions=spec.dimensions,
        statistic=None if spec.statistic == "p99" else spec.statistic,
        extended_statistic=spec.statistic if spec.statistic == "p99" else None,
        comparison_operator="GreaterThanThreshold" if spec.comparison == "above" else "LessThanThreshold",
        threshold=spec.threshold,
        period=spec.seconds,
        evaluation_periods=spec.periods,
        treat_missing_data=spec.missing,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
    )


def alarm_topic(
    name: str, *, account: str, region: str, key_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """The ARN of an encrypted topic to which this account's alarms may publish; it waits for the topic's policy."""
    topic = aws.sns.Topic(name, region=region, kms_master_key_id=key_arn, opts=opts)
    policy = topic.arn.apply(lambda arn: json.dumps(alarm_topic_policy(arn, account)))
    return aws.sns.TopicPolicy(name, region=region, arn=topic.arn, policy=policy, opts=opts).arn


def alarm_topic_policy(topic_arn: str, account: str) -> dict[str, object]:
    """Lets alarms of this account publish; principals of the account need no more than their IAM policies."""
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
