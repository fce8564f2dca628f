"""SNS topic of trades or orders, with an SQS queue and a dead-letter queue for each subscriber."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.messaging.queue import QueueArgs, QueuePairArgs, queue_pair
from components.messaging.queue_policy import policy_document, queue_arn, roles_only, tls_only, topic_arn

RETENTION_SECONDS = 4 * 24 * 3600  # a subscriber may be down over a long weekend
DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 3600  # the longest there is: somebody has to look first
MAX_RECEIVES = 5
VISIBILITY_SECONDS = 180  # for a subscriber that takes at most 30 s, by Lambda's rule of six


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One subscriber's queue, and the messages that it subscribes to."""

    queue: str  # its name
    filter_policy: Mapping[
        str, Sequence[str]
    ]  # values by message attribute; an empty mapping stands for all messages


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
    """An encrypted topic, and for each subscriber a queue with a dead-letter queue.

    Messages that SNS can't deliver go to the dead-letter queue, too, whole and with an alarm. So deliveries aren't
    logged besides: the log would be of SNS's own making, without a key, by a role whose trust can't be narrowed to
    this topic.
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

    def _subscribe(self, name: str, topic: aws.sns.Topic, subscription: Subscription) -> pulumi.Output[str]:
        """The ARN of the subscriber's queue."""
        args, dead_letter_queue = self._args, f"{subscription.queue}-dead"
        pair = queue_pair(
            name,
            f"{name}-queue",
            QueuePairArgs(
                account=args.account,
                region=args.region,
                key_arn=args.key_arn,
                queue=QueueArgs(
                    queue=subscription.queue,
                    policy=self._topic_sends(subscription.queue),
                    retention_seconds=RETENTION_SECONDS,
                    visibility_timeout_seconds=VISIBILITY_SECONDS,
                ),
                dead_letter_queue=QueueArgs(
                    queue=dead_letter_queue,
                    policy=self._topic_sends(dead_letter_queue),
                    retention_seconds=DEAD_LETTER_RETENTION_SECONDS,
                    visibility_timeout_seconds=None,
                ),
                max_receives=MAX_RECEIVES,
                dead_letter_description=f"Messages of {args.topic} could not be delivered to "
                f"{subscription.queue}, or not be handled",
                alarm_topic_arn=args.alarm_topic_arn,
                retire=args.retire,
            ),
            parent=self,
        )
        filters = {attribute: list(values) for attribute, values in subscription.filter_policy.items()}
        aws.sns.TopicSubscription(
            f"{name}-subscription",
            topic=topic.arn,
            protocol="sqs",
            endpoint=pair.queue.arn,
            raw_message_delivery=True,
            filter_policy=json.dumps(filters) if filters else None,
            filter_policy_scope="MessageAttributes" if filters else None,
            redrive_policy=pair.dead_letter_queue.arn.apply(
                lambda arn: json.dumps({"deadLetterTargetArn": arn})
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pair.queue.arn

    def _topic_sends(self, queue: str) -> str:
        """Queue policy: SNS sends on behalf of this topic; others whom IAM lets send have to use TLS."""
        args = self._args
        arn = queue_arn(args.account, args.region, queue)
        sends: dict[str, object] = {
            "Sid": "FromTopic",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": args.account},
                "ArnEquals": {"aws:SourceArn": topic_arn(args.account, args.region, args.topic)},
            },
        }
        return policy_document(sends, tls_only("sqs:*", arn))
