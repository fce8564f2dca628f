"""Order queue of a cell: orders for the instruments whose home it is."""

from __future__ import annotations

from components.cell.context import CellContext
from components.messaging.order_queue import OrderQueue, OrderQueueArgs
from settings.catalogue import SERVICES

ORDERS = "orders.fifo"


def build_order_queue(context: CellContext, *, consumer_timeout_seconds: int) -> OrderQueue:
    """Builds the queue and its dead-letter queue. Senders of every cell may send: an instrument's home may be any."""
    settings, names = context.settings, context.names
    return OrderQueue(
        f"{context.name}-orders",
        OrderQueueArgs(
            queue=names.queue(ORDERS),
            dead_letter_queue=names.queue("orders-dead.fifo"),
            account=names.account,
            region=settings.region,
            key_arn=context.key_arn("ledger"),
            senders=[
                context.names_of(cell).role(service)
                for service, facts in SERVICES.items()
                if facts.sends_orders
                for cell in context.cells
            ],
            consumer_timeout_seconds=consumer_timeout_seconds,
            alarm_topic_arn=context.alarm_topic_arn,
            late_seconds=settings.sizes.orders.late_seconds,
            retire=settings.retire,
        ),
        context.child,
    )
