"""The queue of orders of the instruments that are at home in a cell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import Watch, alarm
from components.messaging.queue_policy import never_redriven, policy_document, queue_arn, roles_only, tls_only

# The longest there is: a cell may be lost for days, and no order is to be lost in silence.
RETENTION_SECONDS = 14 * 24 * 3600
# After the first failure in a message group the later ones of its batch come back too, counted each time, and would
# be dead-lettered along. So the matcher rejects by itself what it can't match, and this many outlast a failover.
MAX_RECEIVES = 20


@dataclass(frozen=True, kw_only=True)
class OrderQueueArgs:
    queue: str  # its name, which ends in .fifo
    dead_letter_queue: str  # the same
    account: str
    region: str
    key_arn: pulumi.Input[str]

    senders: Sequence[str]  # patterns of the names of roles that send, of every cell
    consumer_timeout_seconds: int  # of the function that matches

    alarm_topic_arn: pulumi.Input[str]
    late_seconds: int  # an order that waits for longer is alarming

    retire: bool

    def __post_init__(self) -> None:
        for name in (self.queue, self.dead_letter_queue):
            if not name.endswith(".fifo"):
                raise ValueError(f"order queue: {name} is for a FIFO queue, whose name must end in .fifo")


class OrderQueue(pulumi.ComponentResource):
    """A high-throughput FIFO queue: order and throughput are of a message group, which is an instrument.

    Senders give the order's id for deduplication: an order that is sent twice within five minutes is there once.
    What can't be matched goes to a queue of its own, from which it never comes back here.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
    """

    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]

    def __init__(self, name: str, args: OrderQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:messaging:OrderQueue", name, None, opts)
        self._args = args
        orders_arn = queue_arn(args.account, args.region, args.queue)
        dead_arn = queue_arn(args.account, args.region, args.dead_letter_queue)
        kept = pulumi.ResourceOptions(parent=self, protect=not args.retire)

        dead = aws.sqs.Queue(
            f"{name}-dead",
            name=args.dead_letter_queue,
            fifo_queue=True,
            content_based_deduplication=False,
            deduplication_scope="messageGroup",
            fifo_throughput_limit="perMessageGroupId",
            kms_master_key_id=args.key_arn,
            message_retention_seconds=RETENTION_SECONDS,
            visibility_timeout_seconds=6 * args.consumer_timeout_seconds,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [orders_arn]}
            ),
            policy=policy_document(tls_only("sqs:*", dead_arn), never_redriven(dead_arn)),
            opts=kept,
        )
        orders = aws.sqs.Queue(
            f"{name}-orders",
            name=args.queue,
            fifo_queue=True,
            content_based_deduplication=False,
            deduplication_scope="messageGroup",
            fifo_throughput_limit="perMessageGroupId",
            kms_master_key_id=args.key_arn,
            message_retention_seconds=RETENTION_SECONDS,
            # Lambda tries again for that long when it is throttled, with the messages in its hands.
            # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
            visibility_timeout_seconds=6 * args.consumer_timeout_seconds,
            receive_wait_time_seconds=20,
            redrive_policy=dead.arn.apply(
                lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
            ),
            policy=policy_document(
                *roles_only("sqs:SendMessage", orders_arn, args.account, args.senders),
                tls_only("sqs:*", orders_arn),
            ),
            opts=kept,
        )
        self.arn, self.url, self.dead_letter_arn = orders.arn, orders.url, dead.arn
        self._watch(name)
        self.register_outputs({"arn": self.arn, "url": self.url, "dead_letter_arn": self.dead_letter_arn})

    def _watch(self, name: str) -> None:
        args = self._args
        child = pulumi.ResourceOptions(parent=self)
        alarm(
            f"{name}-dead-letters",
            Watch(
                tells="Orders could not be matched, and wait to be rejected",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": args.dead_letter_queue},
                statistic="Maximum",
                is_="above",
                threshold=0,
                periods=1,
            ),
            args.alarm_topic_arn,
            child,
        )
        alarm(
            f"{name}-late",
            Watch(
                tells=f"Orders have waited for more than {args.late_seconds} s to be matched",
                namespace="AWS/SQS",
                metric="ApproximateAgeOfOldestMessage",
                dimensions={"QueueName": args.queue},
                statistic="Maximum",
                is_="above",
                threshold=args.late_seconds,
                periods=2,
            ),
            args.alarm_topic_arn,
            child,
        )
