"""Matcher of a cell: the function that consumes the order queue, and how it is called."""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.data.ledger import LedgerEndpoints
from components.cell.orders.function import OrderFunctionArgs, build_order_function, sign_in_statement
from components.messaging.order_consumer import OrderConsumer, OrderConsumerArgs, receive_statements
from components.messaging.order_queue import OrderQueue

MATCHER = "matcher"  # of the function, its role and its user of the ledger
# Short, since a batch that fails is hidden for six times as long: an order is tried again within a minute.
MATCHER_SECONDS = 10
MATCHER_TOLERATED_ERRORS = 0  # in a minute, before the alarm on its errors


def build_matcher(context: CellContext, ledger: LedgerEndpoints, queue: OrderQueue) -> None:
    """Builds the matcher. How many run at once, and their memory, are `castle:sizes.orders`."""
    sizes = context.settings.sizes.orders
    queue_arns = [queue.arn, queue.dead_letter_arn]
    function = build_order_function(
        context,
        ledger,
        OrderFunctionArgs(
            what=MATCHER,
            description="Matches orders by price and time",
            handler="workloads.matcher.entry.orders",
            memory=sizes.memory,
            timeout=MATCHER_SECONDS,
            concurrency=sizes.concurrency,
            tolerated_errors=MATCHER_TOLERATED_ERRORS,
            environment={"LEDGER_USER": MATCHER, "DEAD_LETTERS": queue.dead_letter_arn},
            statements=[
                *receive_statements(queue_arns, context.key_arn("ledger"), context.settings.region),
                sign_in_statement(context, MATCHER),
            ],
        ),
    )
    OrderConsumer(
        f"{context.name}-order-consumer",
        OrderConsumerArgs(
            function_name=function.name,
            function_concurrency=sizes.concurrency,
            queue_arn=queue.arn,
            dead_letter_arn=queue.dead_letter_arn,
        ),
        context.child,
    )
