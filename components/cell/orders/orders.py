"""Order path of a cell: the order queue, the matcher, the relay with its topics, and the steward.

The workloads are described in workloads/matcher/README.md.
"""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.data.ledger import LedgerEndpoints
from components.cell.orders.matcher import MATCHER_SECONDS, build_matcher
from components.cell.orders.queue import build_order_queue
from components.cell.orders.relay import PROJECTIONS, RELAY, build_relay
from components.cell.orders.steward import build_steward
from components.cell.orders.topics import build_topics


def has_orders(context: CellContext) -> bool:
    """Returns whether the cell may hold all that orders are stored in: the ledger and its projections."""
    return all(context.may_hold(dataset) for dataset in ("ledger", *PROJECTIONS))


def build_orders(context: CellContext, ledger: LedgerEndpoints) -> None:
    """Builds the order path; nothing where the cell may not hold what orders are stored in."""
    if not has_orders(context):
        return
    queue = build_order_queue(context, consumer_timeout_seconds=MATCHER_SECONDS)
    build_matcher(context, ledger, queue)
    topics = build_topics(context, publisher=RELAY)
    build_relay(context, ledger, topics)
    if ledger.member is not None:
        build_steward(context, ledger)
