"""A cell's order path: the queue of the instruments at home here, what matches them, and what tells of it.

The workloads are described in workloads/matcher/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.cell.context import Ground
from components.cell.data.ledger import STEWARD, LedgerHosts, members, ways_to_ledger
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import Function, FunctionArgs, Way
from components.compute.functions.schedule import EveryMinute, EveryMinuteArgs
from components.data.ledger.ledger import DATABASE
from components.data.ledger.reads import PORT
from components.messaging.order_consumer import OrderConsumer, OrderConsumerArgs, take_statements
from components.messaging.order_queue import OrderQueue, OrderQueueArgs
from components.messaging.relay_statements import projection_statements, publish_statements
from components.messaging.topics import Subscription, Topic, TopicArgs
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


def has_orders(ground: Ground) -> bool:
    """Whether the cell may hold what comes of orders."""
    return all(ground.holds(dataset) for dataset in ("ledger", *PROJECTIONS))


def orders(ground: Ground, books: LedgerHosts) -> None:
    """Nothing where the cell may not hold what comes of orders."""
    if not has_orders(ground):
        return
    environment = _environment(ground, books)
    queue = _queue(ground)
    _matcher(ground, books, queue, environment)
    topics = _topics(ground)
    _relay(ground, books, topics, environment)
    if books.member is not None:
        _steward(ground, books, environment)


def _environment(ground: Ground, books: LedgerHosts) -> dict[str, pulumi.Input[str]]:
    """What all functions are told: where the ledger's writer is, and for which regions a login may be signed."""
    settings = ground.settings
    birth = settings.birth.name
    host = books.endpoint if settings.is_birth else ground.earlier[birth].ledger_endpoint
    return {
        "CELL": settings.stack,
        "LEDGER_HOST": host,
        "LEDGER_PORT": str(PORT),
        "LEDGER_DATABASE": DATABASE,
        "LEDGER_REGIONS": ",".join(cell.region for cell in members(ground)),
    }


def _queue(ground: Ground) -> OrderQueue:
    """Every cell's Trading API sends: an instrument's home may be any cell."""
    settings, names, platform = ground.settings, ground.names, ground.settings.platform
    cells = [cell.name for cell in platform.present(settings.stack)]
    return OrderQueue(
        f"{ground.name}-orders",
        OrderQueueArgs(
            queue=names.queue(ORDERS),
            dead_letter_queue=names.queue("orders-dead.fifo"),
            account=platform.account,
            region=settings.region,
            key_arn=ground.key_arn("ledger"),
            senders=[Names(platform.name, cell, platform.account).role(SENDER) for cell in cells],
            consumer_timeout_seconds=MATCHER_SECONDS,
            alarm_topic_arn=ground.alarm_topic_arn,
            late_seconds=settings.sizes.orders.late_seconds,
            retire=settings.retire,
        ),
        ground.child,
    )


def _topics(ground: Ground) -> _Topics:
    """Trades go to Market Data, and what became of somebody's order unasked to Accounts, which tells them."""
    wanted = {
        "trades": {"market-data": Subscription(queue=ground.names.queue(TRADES), wants={"kind": ["trade"]})},
        "order-alerts": {
            "accounts": Subscription(queue=ground.names.queue(ALERTS), wants={"kind": ["rejected", "lost"]})
        },
    }
    made = [
        Topic(
            f"{ground.name}-{topic}",
            TopicArgs(
                topic=ground.names.topic(topic),
                account=ground.settings.platform.account,
                region=ground.settings.region,
                key_arn=ground.key_arn("ledger"),
                publishers=[ground.names.role(RELAY)],
                subscriptions=subscriptions,
                alarm_topic_arn=ground.alarm_topic_arn,
                retire=ground.settings.retire,
            ),
            ground.child,
        )
        for topic, subscriptions in wanted.items()
    ]
    return _Topics(*made)


def _matcher(
    ground: Ground, books: LedgerHosts, queue: OrderQueue, environment: dict[str, pulumi.Input[str]]
) -> None:
    settings, sizes = ground.settings, ground.settings.sizes.orders
    queue_arns = [queue.arn, queue.dead_letter_arn]
    function = _function(
        ground,
        books,
        what=MATCHER,
        description="Matches orders by price and time",
        handler="orders",
        memory=sizes.memory,
        timeout=MATCHER_SECONDS,
        concurrency=sizes.concurrency,
        environment={**environment, "LEDGER_USER": MATCHER, "DEAD_LETTERS": queue.dead_letter_arn},
        statements=[
            *take_statements(queue_arns, ground.key_arn("ledger"), settings.region),
            _sign_in(ground, MATCHER),
        ],
        ways=ways_to_ledger(ground),
    )
    OrderConsumer(
        f"{ground.name}-order-consumer",
        OrderConsumerArgs(
            function_name=function.name,
            function_concurrency=sizes.concurrency,
            queue_arn=queue.arn,
            dead_letter_arn=queue.dead_letter_arn,
        ),
        ground.child,
    )


def _relay(
    ground: Ground, books: LedgerHosts, topics: _Topics, environment: dict[str, pulumi.Input[str]]
) -> None:
    """In every cell: the lease in the ledger says whose it is, and whoever doesn't get it ends."""
    settings, platform = ground.settings, ground.settings.platform
    tables = {dataset: ground.names.table(dataset) for dataset in PROJECTIONS}
    told: dict[str, pulumi.Input[str]] = {f"TABLE_{each.upper()}": name for each, name in tables.items()}
    told |= {"TOPIC_TRADES": topics.trades.arn, "TOPIC_ALERTS": topics.alerts.arn}
    function = _function(
        ground,
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
                [ground.key_arn(dataset) for dataset in PROJECTIONS],
                settings.region,
            ),
            *publish_statements(
                [topics.trades.arn, topics.alerts.arn], ground.key_arn("ledger"), settings.region
            ),
            _sign_in(ground, RELAY),
        ],
        # Gateway endpoints and SNS have public addresses.
        ways=ways_to_ledger(ground) | {"services": Way(443, ANYWHERE)},
    )
    EveryMinute(
        f"{ground.name}-relay-runs",
        EveryMinuteArgs(
            account=platform.account,
            region=settings.region,
            schedules=ground.names.schedules(RELAY),
            description="Runs the relay",
            function_arn=function.arn,
            function_name=function.name,
        ),
        ground.child,
    )


def _steward(ground: Ground, books: LedgerHosts, environment: dict[str, pulumi.Input[str]]) -> None:
    """Nothing calls it but an operator: for the schema, a new instrument, and the move after a failover."""
    via = {"kms:ViaService": f"secretsmanager.{ground.settings.region}.amazonaws.com"}
    _function(
        ground,
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
                "Resource": ground.key_arn("ledger"),
                "Condition": {"StringEquals": via},
            },
        ],
        ways=ways_to_ledger(ground) | {"secrets": ground.way_to_secrets()},
    )


def _function(
    ground: Ground,
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
    ways: dict[str, Way],
) -> Function:
    """One of the Lambdas of `workloads.matcher.entry`, which the ledger lets in."""
    settings, names = ground.settings, ground.names
    function = Function(
        f"{ground.name}-{what}",
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
            environment_key_arn=ground.key_arn("ledger"),
            statements=statements,
            vpc_id=ground.network.vpc_id,
            subnet_ids=ground.network.app_subnet_ids,
            ways=ways,
            key_arn=ground.key_arn("logs"),
            log_days=settings.sizes.log_days,
            alarm_topic_arn=ground.alarm_topic_arn,
        ),
        ground.child,
    )
    if books.member is not None:
        books.member.admit(what, function.group_id)
    return function


def _sign_in(ground: Ground, user: str) -> dict[str, object]:
    """To any cluster that knows the user, in each member's region: whichever writes, and as AWS may make it anew."""
    account = ground.settings.platform.account
    return {
        "Sid": "SignIn",
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": [f"arn:aws:rds-db:{cell.region}:{account}:dbuser:*/{user}" for cell in members(ground)],
    }
