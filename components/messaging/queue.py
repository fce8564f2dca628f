"""SQS queue with its dead-letter queue: both encrypted and each under a policy, with an alarm on dead letters."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.messaging.alarms import dead_letter_alarm
from components.messaging.queue_policy import queue_arn

LONG_POLL_SECONDS = (
    20  # the longest there is: fewer empty answers, and a message is taken at once all the same
)


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    queue: (
        str  # its name; one that ends in .fifo makes a FIFO queue, ordered and deduplicated by message group
    )
    policy: str  # the whole document
    retention_seconds: int
    visibility_timeout_seconds: int | None  # None stands for AWS's 30 s


@dataclass(frozen=True, kw_only=True)
class QueuePairArgs:
    account: str
    region: str
    key_arn: pulumi.Input[str]  # of this region

    queue: QueueArgs
    dead_letter_queue: QueueArgs
    max_receives: int  # after so many a message goes to the dead-letter queue

    dead_letter_description: str  # what a dead letter means, for the alarm
    alarm_topic_arn: pulumi.Input[str]

    retire: bool


@dataclass(frozen=True, kw_only=True)
class QueuePair:
    queue: aws.sqs.Queue
    dead_letter_queue: aws.sqs.Queue


def queue_pair(name: str, logical_name: str, args: QueuePairArgs, *, parent: pulumi.Resource) -> QueuePair:
    """The queue `logical_name` and its dead-letter queue `{name}-dead`, as children of `parent`.

    The dead-letter queue takes messages of this queue alone.
    """
    source_arn = queue_arn(args.account, args.region, args.queue.queue)
    dead = _queue(
        f"{name}-dead",
        args.dead_letter_queue,
        args,
        parent,
        redrive_allow_policy=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [source_arn]}),
    )
    queue = _queue(
        logical_name,
        args.queue,
        args,
        parent,
        receive_wait_time_seconds=LONG_POLL_SECONDS,
        redrive_policy=dead.arn.apply(
            lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": args.max_receives})
        ),
    )
    dead_letter_alarm(
        name,
        args.dead_letter_queue.queue,
        args.dead_letter_description,
        args.alarm_topic_arn,
        pulumi.ResourceOptions(parent=parent),
    )
    return QueuePair(queue=queue, dead_letter_queue=dead)


def _queue(
    logical_name: str,
    queue: QueueArgs,
    args: QueuePairArgs,
    parent: pulumi.Resource,
    *,
    receive_wait_time_seconds: int | None = None,
    redrive_policy: pulumi.Input[str] | None = None,
    redrive_allow_policy: str | None = None,
) -> aws.sqs.Queue:
    fifo = queue.queue.endswith(".fifo")
    return aws.sqs.Queue(
        logical_name,
        name=queue.queue,
        # A message group has an order and a throughput of its own, and senders give the id to deduplicate by.
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
        fifo_queue=True if fifo else None,
        content_based_deduplication=False if fifo else None,
        deduplication_scope="messageGroup" if fifo else None,
        fifo_throughput_limit="perMessageGroupId" if fifo else None,
        kms_master_key_id=args.key_arn,
        message_retention_seconds=queue.retention_seconds,
        visibility_timeout_seconds=queue.visibility_timeout_seconds,
        receive_wait_time_seconds=receive_wait_time_seconds,
        redrive_policy=redrive_policy,
        redrive_allow_policy=redrive_allow_policy,
        policy=queue.policy,
        opts=pulumi.ResourceOptions(parent=parent, protect=not args.retire),
    )
