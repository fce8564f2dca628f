"""FIFO queue of the orders of the instruments whose home is a cell, and its dead-letter queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.messaging.alarms import old_message_alarm
from components.messaging.queue import QueueArgs, QueuePairArgs, queue_pair
from components.messaging.queue_policy import (
    never_redriven,
    policy_document,
    queue_arn,
    roles_only,
    tls_only,
)

# The longest there is: a cell may be lost for days, and no order is to be lost in silence.
RETENTION_SECONDS = 14 * 24 * 3600
# After the first failure in a message group the later ones of its batch come back too, counted each time, and would
# be dead-lettered along. So the matcher rejects by itself what it can't match, and this many outlast a failover.
MAX_RECEIVES = 20
# Times the function's timeout. Lambda tries again for that long when it is throttled, with the messages in its hands.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_TIMEOUTS = 6


@dataclass(frozen=True, kw_only=True)
class OrderQueueArgs:
    queue: str  # its name, which ends in .fifo
    dead_letter_queue: str  # its name, which ends in .fifo
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
    """A high-throughput FIFO queue, whose message groups are the instruments.

    Senders give the order's id for deduplication: an order that is sent twice within five minutes is there once.
    An order that can't be matched goes to the dead-letter queue, from which it never comes back here.
    """

    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]

    def __init__(self, name: str, args: OrderQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:messaging:OrderQueue", name, None, opts)
        orders_arn = queue_arn(args.account, args.region, args.queue)
        dead_arn = queue_arn(args.account, args.region, args.dead_letter_queue)
        visibility_timeout = VISIBILITY_TIMEOUTS * args.consumer_timeout_seconds
        pair = queue_pair(
            name,
            f"{name}-orders",
            QueuePairArgs(
                account=args.account,
                region=args.region,
                key_arn=args.key_arn,
                queue=QueueArgs(
                    queue=args.queue,
                    policy=policy_document(
                        *roles_only("sqs:SendMessage", orders_arn, args.account, args.senders),
                        tls_only("sqs:*", orders_arn),
                    ),
                    retention_seconds=RETENTION_SECONDS,
                    visibility_timeout_seconds=visibility_timeout,
                ),
                dead_letter_queue=QueueArgs(
                    queue=args.dead_letter_queue,
                    policy=policy_document(tls_only("sqs:*", dead_arn), never_redriven(dead_arn)),
                    retention_seconds=RETENTION_SECONDS,
                    visibility_timeout_seconds=visibility_timeout,
                ),
                max_receives=MAX_RECEIVES,
                dead_letter_description="Orders could not be matched, and wait to be rejected",
                alarm_topic_arn=args.alarm_topic_arn,
                retire=args.retire,
            ),
            parent=self,
        )
        child = pulumi.ResourceOptions(parent=self)
        old_message_alarm(name, args.queue, args.late_seconds, args.alarm_topic_arn, child)

        self.arn, self.url = pair.queue.arn, pair.queue.url
        self.dead_letter_arn = pair.dead_letter_queue.arn
        self.register_outputs({"arn": self.arn, "url": self.url, "dead_letter_arn": self.dead_letter_arn})
