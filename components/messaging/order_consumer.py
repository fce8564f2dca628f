"""How orders come from their queues to the function that matches them, and rejects what it couldn't match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

BATCH = 10  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, of a FIFO queue
DEAD_LETTER_CONCURRENCY = 2  # the least that AWS takes


@dataclass(frozen=True, kw_only=True)
class OrderConsumerArgs:
    function_name: pulumi.Input[str]
    function_concurrency: int  # what is reserved for it

    queue_arn: pulumi.Input[str]
    dead_letter_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if self.function_concurrency < DEAD_LETTER_CONCURRENCY + 2:
            raise ValueError(
                f"order consumer: function_concurrency {self.function_concurrency}; it must be at least "
                f"{DEAD_LETTER_CONCURRENCY + 2}, since AWS asks for two at least for each of the two queues"
            )


class OrderConsumer(pulumi.ComponentResource):
    """One function for both queues, which tells them apart by `eventSourceARN`.

    An instrument is in one batch at a time. Together the queues ask for no more than is reserved for the function,
    or batches would be throttled, and a throttled batch counts as received.
    """

    def __init__(
        self, name: str, args: OrderConsumerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:messaging:OrderConsumer", name, None, opts)
        self._name, self._args = name, args
        self._takes("orders", args.queue_arn, args.function_concurrency - DEAD_LETTER_CONCURRENCY)
        self._takes("dead", args.dead_letter_arn, DEAD_LETTER_CONCURRENCY)
        self.register_outputs({})

    def _takes(self, which: str, queue_arn: pulumi.Input[str], concurrency: int) -> None:
        aws.lambda_.EventSourceMapping(
            f"{self._name}-{which}",
            event_source_arn=queue_arn,
            function_name=self._args.function_name,
            batch_size=BATCH,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=concurrency),
            opts=pulumi.ResourceOptions(parent=self),
        )


def take_statements(
    queue_arns: Sequence[pulumi.Input[str]], key_arn: pulumi.Input[str], region: str
) -> list[dict[str, object]]:
    """What Lambda does with the queues by its function's role, and with their key through SQS alone."""
    return [
        {
            "Sid": "Take",
            "Effect": "Allow",
            "Action": [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            "Resource": list(queue_arns),
        },
        {
            "Sid": "ReadMessages",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": key_arn,
            "Condition": {"StringEquals": {"kms:ViaService": f"sqs.{region}.amazonaws.com"}},
        },
    ]
