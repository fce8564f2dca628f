"""A cell's order path: the queue of the instruments at home here, what matches them, and what tells of it.

The workloads are described in workloads/matcher/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.cell.context import CellContext
from components.cell.data.ledger import STEWARD, LedgerHosts, members, ways_to_ledger
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import EgressRule, Function, FunctionArgs
from components.compute.functions.schedule import EveryMinute, EveryMinuteArgs
from components.data.ledger.ledger import DATABASE
from components.data.ledger.read_proxy import PORT
from components.messaging.order_consumer import OrderConsumer, OrderConsumerArgs, take_statements
from components.messaging.order_queue import OrderQueue, OrderQueueArgs
from components.messaging.relay_policy import projection_statements, publish_statements
from components.messaging.topic import Subscription, Topic, TopicArgs
from components.network.network import ANYWHERE
from naming import Names

MATCHER, RELAY = "matcher", "relay"  # of functions, roles and users of the ledger
SENDER = "trading-api"
# The queues: of orders, and of what services are told.
ORDERS, TRADES, ALERTS = "orders.fifo", "trades-market-data", "order-alerts-accounts"
PROJECTIONS = ("balances", "outcomes", "instruments")
# Short, since a batch that fails is hidden for six times as long: an order is tried again within a minute.
MATCHER_SECONDS = 10
# A run of the relay takes 65 s. The first one after a failover compares all projections with the ledger.
RELAY_SECONDS = 900


@dataclass(frozen=True)
class _Topics:
    trades: Topic
    alerts: Topic


def has_orders(context: CellContext) -> bool:
    """Whether the cell may hold what comes of orders."""
    return all(context.may_hold(dataset) for dataset in ("ledger", *PROJECTIONS))


def orders(context: CellContext, books: LedgerHosts) -> None:
    """Nothing where the cell may not hold what comes of orders."""
    if not has_orders(context):
        return
    environment = _environment(context, books)
    queue = _queue(context)
    _matcher(context, books, queue, environment)
    topics = _topics(context)
    _relay(context, books, topics, environment)
    if books.member is not None:
        _steward(context, books, environment)


def _environment(context: CellContext, books: LedgerHosts) -> dict[str, pulumi.Input[str]]:
    """What all functions are told: where the ledger's writer is, and for which regions a login may be signed."""
    settings = context.settings
    birth = settings.birth.name
    host = books.endpoint if settings.is_birth else context.earlier[birth].ledger_endpoint
    return {
        "CELL": settings.stack,
        "LEDGER_HOST": host,
        "LEDGER_PORT": str(PORT),
        "LEDGER_DATABASE": DATABASE,
        "LEDGER_REGIONS": ",".join(cell.region for cell in members(context)),
    }


def _queue(context: CellContext) -> OrderQueue:
    """Every cell's Trading API sends: an instrument's home may be any cell."""
    settings, names, platform = context.settings, context.names, context.settings.platform
    cells = [cell.name for cell in platform.present(settings.stack)]
    return OrderQueue(
        f"{context.name}-orders",
        OrderQueueArgs(
            queue=names.queue(ORDERS),
            dead_letter_queue=names.queue("orders-dead.fifo"),
            account=platform.account,
            region=settings.region,
            key_arn=context.key_arn("ledger"),
            senders=[Names(platform.name, cell, platform.account).role(SENDER) for cell in cells],
            consumer_timeout_seconds=MATCHER_SECONDS,
            alarm_topic_arn=context.alarm_topic_arn,
            late_seconds=settings.sizes.orders.late_seconds,
            retire=settings.retire,
        ),
        context.child,
    )


def _topics(context: CellContext) -> _Topics:
    """Trades go to Market Data, and what became of somebody's order unasked to Accounts, which tells them."""
    wanted = {
        "trades": {"market-data": Subscription(queue=context.names.queue(TRADES), wants={"kind": ["trade"]})},
        "order-alerts": {
            "accounts": Subscription(queue=context.names.queue(ALERTS), wants={"kind": ["rejected", "lost"]})
        },
    }
    made = [
        Topic(
            f"{context.name}-{topic}",
            TopicArgs(
                topic=context.names.topic(topic),
                account=context.settings.platform.account,
                region=context.settings.region,
                key_arn=context.key_arn("ledger"),
                publishers=[context.names.role(RELAY)],
                subscriptions=subscriptions,
                alarm_topic_arn=context.alarm_topic_arn,
                retire=context.settings.retire,
            ),
            context.child,
        )
        for topic, subscriptions in wanted.items()
    ]
    return _Topics(*made)


def _matcher(
    context: CellContext, books: LedgerHosts, queue: OrderQueue, environment: dict[str, pulumi.Input[str]]
) -> None:
    settings, sizes = context.settings, context.settings.sizes.orders
    queue_arns = [queue.arn, queue.dead_letter_arn]
    function = _function(
        context,
        books,
        what=MATCHER,
        description="Matches orders by price and time",
        handler="orders",
        memory=sizes.memory,
        timeout=MATCHER_SECONDS,
        concurrency=sizes.concurrency,
        environment={**environment, "LEDGER_USER": MATCHER, "DEAD_LETTERS": queue.dead_letter_arn},
        statements=[
            *take_statements(queue_arns, context.key_arn("ledger"), settings.region),
            _sign_in(context, MATCHER),
        ],
        ways=ways_to_ledger(context),
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


def _relay(
    context: CellContext, books: LedgerHosts, topics: _Topics, environment: dict[str, pulumi.Input[str]]
) -> None:
    """In every cell: the lease in the ledger says whose it is, and whoever doesn't get it ends."""
    settings, platform = context.settings, context.settings.platform
    tables = {dataset: context.names.table(dataset) for dataset in PROJECTIONS}
    told: dict[str, pulumi.Input[str]] = {f"TABLE_{each.upper()}": name for each, name in tables.items()}
    told |= {"TOPIC_TRADES": topics.trades.arn, "TOPIC_ALERTS": topics.alerts.arn}
    function = _function(
        context,
        books,
        what=RELAY,
        description="Tells of what the ledger decided",
        handler="relay",
        memory=512,
        timeout=RELAY_SECONDS,
        concurrency=2,  # the run that ends and the one that takes over
        environment={**environment, **told, "LEDGER_USER": RELAY},
        statements=[
            *projection_statements(
                [
                    f"arn:aws:dynamodb:{settings.region}:{platform.account}:table/{name}"
                    for name in tables.values()
                ],
                [context.key_arn(dataset) for dataset in PROJECTIONS],
                settings.region,
            ),
            *publish_statements(
                [topics.trades.arn, topics.alerts.arn], context.key_arn("ledger"), settings.region
            ),
            _sign_in(context, RELAY),
        ],
        # Gateway endpoints and SNS have public addresses.
        ways=ways_to_ledger(context) | {"services": EgressRule(443, ANYWHERE)},
    )
    EveryMinute(
        f"{context.name}-relay-runs",
        EveryMinuteArgs(
            account=platform.account,
            region=settings.region,
            schedules=context.names.schedules(RELAY),
            description="Runs the relay",
            function_arn=function.arn,
            function_name=function.name,
        ),
        context.child,
    )


def _steward(context: CellContext, books: LedgerHosts, environment: dict[str, pulumi.Input[str]]) -> None:
    """Nothing calls it but an operator: for the schema, a new instrument, and the move after a failover."""
    via = {"kms:ViaService": f"secretsmanager.{context.settings.region}.amazonaws.com"}
    _function(
        context,
        books,
        what=STEWARD,
        description="Does what an operator asks of the ledger",
        handler="steward",
        memory=512,
        timeout=300,
        concurrency=1,  # one thing at a time
        environment={**environment, "LEDGER_SECRET": books.local_secret_arn},
        statements=[
            {
                "Sid": "ReadLogin",
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": books.local_secret_arn,
            },
            {
                "Sid": "DecryptLogin",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": context.key_arn("ledger"),
                "Condition": {"StringEquals": via},
            },
        ],
        ways=ways_to_ledger(context) | {"secrets": context.egress_to_secrets()},
    )


def _function(
    context: CellContext,
    books: LedgerHosts,
    *,
    what: str,
    description: str,
    handler: str,
    memory: int,
    timeout: int,
    concurrency: int,
    environment: dict[str, pulumi.Input[str]],
    statements: list[dict[str, object]],
    ways: dict[str, EgressRule],
) -> Function:
    """One of the Lambdas of `workloads.matcher.entry`, which the ledger lets in."""
    settings, names = context.settings, context.names
    function = Function(
        f"{context.name}-{what}",
        FunctionArgs(
            function=names.function(what),
            role=names.role(what),
            description=description,
            account=settings.platform.account,
            region=settings.region,
            archive=lambda_archive("workloads.matcher", ["pg8000"], ["workloads.ledger_login"]),
            handler=f"workloads.matcher.entry.{handler}",
            memory=memory,
            timeout=timeout,
            concurrency=concurrency,
            signing_profiles=settings.sizes.orders.signing_profiles,
            environment=environment,
            environment_key_arn=context.key_arn("ledger"),
            statements=statements,
            vpc_id=context.network.vpc_id,
            subnet_ids=context.network.app_subnet_ids,
            egress=ways,
            key_arn=context.key_arn("logs"),
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
        ),
        context.child,
    )
    if books.member is not None:
        books.member.admit(what, function.group_id)
    return function


def _sign_in(context: CellContext, user: str) -> dict[str, object]:
    """To any cluster that knows the user, in each member's region: whichever writes, and as AWS may make it anew."""
    account = context.settings.platform.account
    return {
        "Sid": "SignIn",
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": [f"arn:aws:rds-db:{cell.region}:{account}:dbuser:*/{user}" for cell in members(context)],
    }
