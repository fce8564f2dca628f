"""Alarms, which live in the component that they watch, and the topic that they tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class Watch:
    """When an alarm goes off: a metric is beyond its threshold in each of `periods` periods of `seconds`.

    `missing` is what a period without data counts as: of a metric that comes always, silence is alarming.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """

    tells: str  # what is wrong and for whom, in a sentence
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: Literal["Average", "Maximum", "Minimum", "Sum", "p99"]
    is_: Literal["above", "below"]
    threshold: float
    seconds: int = 60
    periods: int = 5
    missing: Literal["breaching", "notBreaching"] = "notBreaching"


def alarm(
    name: str,
    watch: Watch,
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    region: str | None = None,
) -> aws.cloudwatch.MetricAlarm:
    """An alarm that tells a topic when it goes off and when it is over. `region` is the provider's if left out."""
    return aws.cloudwatch.MetricAlarm(
        name,
        region=region,
        alarm_description=watch.tells,
        namespace=watch.namespace,
        metric_name=watch.metric,
        dimensions=watch.dimensions,
        statistic=None if watch.statistic == "p99" else watch.statistic,
        extended_statistic=watch.statistic if watch.statistic == "p99" else None,
        comparison_operator="GreaterThanThreshold" if watch.is_ == "above" else "LessThanThreshold",
        threshold=watch.threshold,
        period=watch.seconds,
        evaluation_periods=watch.periods,
        treat_missing_data=watch.missing,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
    )


def alarm_topic(
    name: str, *, account: str, region: str, key_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """The ARN of an encrypted topic that this account's alarms may tell; it waits for the topic's policy."""
    topic = aws.sns.Topic(name, region=region, kms_master_key_id=key_arn, opts=opts)
    policy = topic.arn.apply(lambda arn: json.dumps(alarm_topic_policy(arn, account)))
    return aws.sns.TopicPolicy(name, region=region, arn=topic.arn, policy=policy, opts=opts).arn


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
