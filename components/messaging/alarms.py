"""Alarms of an SQS queue: messages in its dead-letter queue, and the age of its oldest message."""

from __future__ import annotations

import pulumi

from components.alarms import AlarmSpec, alarm

NAMESPACE = "AWS/SQS"
MAX_DEAD_LETTERS = 0  # messages: each is something that somebody waits for
DEAD_LETTER_PERIODS = 1  # minutes
OLD_MESSAGE_PERIODS = 2  # minutes, so that one slow batch alarms nobody


def dead_letter_alarm(
    name: str, queue: str, description: str, topic_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """The alarm `{name}-dead-letters` on messages in the dead-letter queue that is named `queue`."""
    spec = AlarmSpec(
        description=description,
        namespace=NAMESPACE,
        metric="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": queue},
        statistic="Maximum",
        comparison="above",
        threshold=MAX_DEAD_LETTERS,
        periods=DEAD_LETTER_PERIODS,
    )
    alarm(f"{name}-dead-letters", spec, topic_arn, opts)


def old_message_alarm(
    name: str, queue: str, max_age_seconds: int, topic_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """The alarm `{name}-late` on the age of the oldest order in the queue that is named `queue`."""
    spec = AlarmSpec(
        description=f"Orders have waited for more than {max_age_seconds} s to be matched",
        namespace=NAMESPACE,
        metric="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": queue},
        statistic="Maximum",
        comparison="above",
        threshold=max_age_seconds,
        periods=OLD_MESSAGE_PERIODS,
    )
    alarm(f"{name}-late", spec, topic_arn, opts)
