"""Relay of a cell: the function that applies the ledger's outbox to DynamoDB and publishes it on SNS."""

from __future__ import annotations

import pulumi

from components.cell.context import CellContext
from components.cell.data.ledger import LedgerEndpoints
from components.cell.orders.function import OrderFunctionArgs, build_order_function, sign_in_statement
from components.cell.orders.topics import OrderTopics
from components.compute.functions.schedule import EveryMinute, EveryMinuteArgs
from components.messaging.relay_policy import projection_statements, publish_statements
from components.security_group_rules import ANYWHERE, EgressRule

RELAY = "relay"  # of the function, its role and its user of the ledger
PROJECTIONS = ("balances", "outcomes", "instruments")  # data sets that follow the ledger
# A run takes 65 s. The first one after a failover compares all projections with the ledger.
RELAY_SECONDS = 900
RELAY_MEMORY = 512  # MB
RELAY_CONCURRENCY = 2  # the run that ends and the one that takes over


def build_relay(context: CellContext, ledger: LedgerEndpoints, topics: OrderTopics) -> None:
    """Builds the relay and its schedule, in every cell: a lease in the ledger decides which of them works."""
    settings, account = context.settings, context.names.account
    tables = {dataset: context.names.table(dataset) for dataset in PROJECTIONS}
    environment: dict[str, pulumi.Input[str]] = {
        "LEDGER_USER": RELAY,
        **{f"TABLE_{dataset.upper()}": table for dataset, table in tables.items()},
        "TOPIC_TRADES": topics.trades.arn,
        "TOPIC_ALERTS": topics.alerts.arn,
    }
    function = build_order_function(
        context,
        ledger,
        OrderFunctionArgs(
            what=RELAY,
            description="Tells of what the ledger decided",
            handler="workloads.matcher.entry.relay",
            memory=RELAY_MEMORY,
            timeout=RELAY_SECONDS,
            concurrency=RELAY_CONCURRENCY,
            environment=environment,
            statements=[
                *projection_statements(
                    [
                        f"arn:aws:dynamodb:{settings.region}:{account}:table/{table}"
                        for table in tables.values()
                    ],
                    [context.key_arn(dataset) for dataset in PROJECTIONS],
                    settings.region,
                ),
                *publish_statements(
                    [topics.trades.arn, topics.alerts.arn], context.key_arn("ledger"), settings.region
                ),
                sign_in_statement(context, RELAY),
            ],
            # Gateway endpoints and SNS have public addresses.
            egress={"services": EgressRule(443, ANYWHERE)},
        ),
    )
    EveryMinute(
        f"{context.name}-relay-runs",
        EveryMinuteArgs(
            account=account,
            region=settings.region,
            schedules=context.names.schedules(RELAY),
            description="Runs the relay",
            function_arn=function.arn,
            function_name=function.name,
            key_arn=context.key_arn("ledger"),
        ),
        context.child,
    )
