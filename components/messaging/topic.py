"""What is told of trades and orders, to whoever subscribes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm
from components.messaging.queue_policy import policy_document, queue_arn, roles_only, tls_only, topic_arn

RETENTION_SECONDS = 4 * 24 * 3600
DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 3600
MAX_RECEIVES = 5
VISIBILITY_SECONDS = 180  # for a subscriber that takes at most 30 s, by Lambda's rule of six


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One subscriber's queue, and which messages come into it."""

    queue: str  # its name
    wants: Mapping[str, Sequence[str]]  # by attribute of a message; nothing stands for all messages


@dataclass(frozen=True, kw_only=True)
class TopicArgs:
    topic: str  # its name
    account: str
    region: str
    key_arn: pulumi.Input[str]  # encrypts the topic and its queues, and lets SNS use it

    publishers: Sequence[str]  # patterns of the names of roles that publish
    subscriptions: Mapping[str, Subscription]  # by the subscriber's name

    alarm_topic_arn: pulumi.Input[str]
    retire: bool


class Topic(pulumi.ComponentResource):
    """An encrypted topic and a queue for each subscriber, with what it couldn't take in another.

    What SNS can't deliver is in that one, too, whole and with an alarm. So deliveries aren't logged besides: the log
    would be of SNS's own making, without a key, by a role whose trust can't be narrowed to this topic.
    """

    arn: pulumi.Output[str]
    queue_arns: dict[str, pulumi.Output[str]]  # by subscriber

    def __init__(self, name: str, args: TopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:messaging:Topic", name, None, opts)
        self._args = args
        arn = topic_arn(args.account, args.region, args.topic)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=args.topic,
            kms_master_key_id=args.key_arn,
            signature_version=2,
            tracing_config="Active",
            policy=policy_document(
                *roles_only("sns:Publish", arn, args.account, args.publishers), tls_only("sns:Publish", arn)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = topic.arn
        self.queue_arns = {
            subscriber: self._subscribe(f"{name}-{subscriber}", topic, subscription)
            for subscriber, subscription in args.subscriptions.items()
        }
        self.register_outputs({"arn": self.arn, "queue_arns": self.queue_arns})

    def _subscribe(self, name: str, topic: aws.sns.Topic, wanted: Subscription) -> pulumi.Output[str]:
        args = self._args
        kept = pulumi.ResourceOptions(parent=self, protect=not args.retire)
        dead_name = f"{wanted.queue}-dead"
        queue_own = queue_arn(args.account, args.region, wanted.queue)
        dead_own = queue_arn(args.account, args.region, dead_name)
        dead = aws.sqs.Queue(
            f"{name}-dead",
            name=dead_name,
            kms_master_key_id=args.key_arn,
            message_retention_seconds=DEAD_LETTER_RETENTION_SECONDS,
            redrive_allow_policy=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [queue_own]}),
            policy=self._from_topic(dead_own),
            opts=kept,
        )
        queue = aws.sqs.Queue(
            f"{name}-queue",
            name=wanted.queue,
            kms_master_key_id=args.key_arn,
            message_retention_seconds=RETENTION_SECONDS,
            visibility_timeout_seconds=VISIBILITY_SECONDS,
            receive_wait_time_seconds=20,
            redrive_policy=dead.arn.apply(
                lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
            ),
            policy=self._from_topic(queue_own),
            opts=kept,
        )
        aws.sns.TopicSubscription(
            f"{name}-subscription",
            topic=topic.arn,
            protocol="sqs",
            endpoint=queue.arn,
            raw_message_delivery=True,
            filter_policy=json.dumps({key: list(values) for key, values in wanted.wants.items()})
            if wanted.wants
            else None,
            filter_policy_scope="MessageAttributes" if wanted.wants else None,
            redrive_policy=dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn})),
            opts=pulumi.ResourceOptions(parent=self),
        )
        alarm(
            f"{name}-dead-letters",
            Watch(
                tells=f"Messages of {args.topic} could not be delivered to {wanted.queue}, or not be handled",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": dead_name},
                statistic="Maximum",
                is_="above",
                threshold=0,
                periods=1,
            ),
            args.alarm_topic_arn,
            pulumi.ResourceOptions(parent=self),
        )
        return queue.arn

    def _from_topic(self, queue: str) -> str:
        """SNS sends, for this topic, and whoever else may by IAM does so by TLS."""
        args = self._args
        sends: dict[str, object] = {
            "Sid": "FromTopic",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": args.account},
                "ArnEquals": {"aws:SourceArn": topic_arn(args.account, args.region, args.topic)},
            },
        }
        return policy_document(sends, tls_only("sqs:*", queue))
