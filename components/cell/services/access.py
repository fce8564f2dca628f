"""What each service reaches, once, and what follows from it: its role's statements, its ways, its environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from components.cell.context import CellContext
from components.cell.orders.orders import ALERTS, ORDERS, TRADES, has_orders
from components.cell.tokens import issuer, signing_alias
from components.compute.functions.function import EgressRule
from components.data.cache.parts import PORT as CACHE_PORT
from components.data.ledger.reads import PORT as LEDGER_PORT
from components.data.ledger.reads import READERS
from components.identity.signing_policy import ALGORITHM
from components.messaging.order_consumer import take_statements
from components.messaging.queue_policy import queue_arn
from components.network.network import ANYWHERE
from components.network.subnet_cidrs import data_cidrs, layout
from naming import Names
from settings import CellFacts

READ = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
WRITE = [*READ, "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]

Statement = Mapping[str, pulumi.Input[object]]


@dataclass(frozen=True, kw_only=True)
class Reach:
    user: str  # of the caches: of the cell's own, and of the global one
    reads: Sequence[str] = ()  # tables
    writes: Sequence[str] = ()  # tables, which it reads too
    ledger: bool = False  # by the cell's read-only endpoint; nobody but the matcher writes
    market: Literal["reads", "writes"] | None = (
        None  # the cell's member of the cache, or whichever has the role
    )
    orders: bool = False  # sends to the queue of every cell: an instrument may be at home in any
    takes: Sequence[str] = ()  # the cell's queues that are its own, which topics of the order path fill
    signs: bool = False  # tokens
    payments_key: bool = False  # reads what Payments signs its notices with


# Payments is apart: no order, no ledger, no other cell's network.
REACH: Mapping[str, Reach] = {
    "trading-api": Reach(
        user="trading",
        reads=("balances", "instruments", "outcomes"),
        writes=("idempotency",),
        ledger=True,
        market="reads",
        orders=True,
    ),
    "market-data": Reach(user="market-data", reads=("instruments",), market="writes", takes=(TRADES,)),
    "accounts": Reach(user="accounts", writes=("profiles", "sessions"), signs=True, takes=(ALERTS,)),
    "payments": Reach(user="payments", reads=("balances",), writes=("idempotency",), payments_key=True),
}


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """What AWS makes up of the things that services reach; empty where the cell has no such thing."""

    ledger_reads: pulumi.Input[str]
    payments_key_arn: pulumi.Input[str]


def statements(context: CellContext, reach: Reach, payments_key_arn: pulumi.Input[str]) -> list[Statement]:
    """All that the role may do. Keys are used only through the service that stores with them."""
    region = context.settings.region
    found = [
        *_tables(context, "Read", READ, reach.reads),
        *_tables(context, "Write", WRITE, reach.writes),
        *_caches(context, reach),
    ]
    if held := [table for table in (*reach.reads, *reach.writes) if context.may_hold(table)]:
        keys = _unlike(context, held)
        found.append(_key_use("KeysOfTables", ["kms:Decrypt"], keys, [f"dynamodb.{region}.amazonaws.com"]))
    if reach.ledger and context.settings.ledger is not None:
        users = [f"arn:aws:rds-db:{region}:{context.names.account}:dbuser:*/{reader}" for reader in READERS]
        found.append(_allow("LedgerReads", ["rds-db:connect"], users))
    if reach.orders:
        found += _orders(context)
    if reach.takes and has_orders(context):
        arns = [queue_arn(context.names.account, region, context.names.queue(queue)) for queue in reach.takes]
        found += take_statements(arns, context.key_arn("ledger"), region)
    if reach.signs:
        found.append(_signing(context))
    if reach.payments_key and context.may_hold("secrets"):
        found.append(_allow("PaymentsKey", ["secretsmanager:GetSecretValue"], [payments_key_arn]))
        found.append(
            _key_use(
                "KeyOfSecrets",
                ["kms:Decrypt"],
                [context.key_arn("secrets")],
                [f"secretsmanager.{region}.amazonaws.com"],
            )
        )
    return found


def ways(context: CellContext, reach: Reach) -> dict[str, EgressRule]:
    """Where it connects to: stores where they are, and AWS and partners, whose addresses nobody can list."""
    zones = layout(context.settings.cell.cidr, context.settings.sizes.zones)
    found = {"internet": EgressRule(443, ANYWHERE)}
    for zone, cidrs in zones.items():
        if context.settings.sizes.endpoints:
            found[f"endpoints-{zone}"] = EgressRule(443, cidrs.app)
        if context.may_hold("sessions") or (reach.market and context.settings.global_cache is not None):
            found[f"caches-{zone}"] = EgressRule(CACHE_PORT, cidrs.data)
        if reach.ledger and context.settings.ledger is not None:
            found[f"ledger-{zone}"] = EgressRule(LEDGER_PORT, cidrs.data)
    if reach.market == "writes":
        for cell in _cache_members(context):
            if cell.name != context.settings.stack:
                for slot, cidr in data_cidrs(cell.cidr).items():
                    found[f"market-{cell.name}-{slot}"] = EgressRule(CACHE_PORT, cidr)
    return found


def environment(context: CellContext, reach: Reach, hosts: Hosts) -> dict[str, pulumi.Input[str]]:
    """Names and addresses; what is made up by AWS and can be asked for by name isn't among them."""
    settings, names = context.settings, context.names
    found: dict[str, pulumi.Input[str]] = {
        "AWS_REGION": settings.region,
        "CELL": settings.stack,
        "PLATFORM": settings.platform.name,
        "CACHE_USER": reach.user,
    }
    if context.may_hold("sessions"):
        found["LOCAL_CACHE"] = names.cache("local")
    if reach.market is not None and (members := _market(context, reach)):
        found["MARKET_CACHES"] = _listed({it.region: _of(context, it).cache("market") for it in members})
    if reach.ledger and settings.ledger is not None:
        found["LEDGER_READS"] = hosts.ledger_reads
    if reach.orders:
        queues = {
            cell.name: _url(context, cell.region, _of(context, cell).queue(ORDERS))
            for cell in _cells(context)
        }
        found["ORDER_QUEUES"] = _listed(queues)
    if reach.takes and has_orders(context):
        found["TAKES"] = " ".join(_url(context, settings.region, names.queue(queue)) for queue in reach.takes)
    if reach.signs:
        found |= {
            "TOKEN_KEY": signing_alias(context),
            "TOKEN_ISSUER": issuer(context),
            "TOKEN_AUDIENCE": issuer(context),
        }
    if reach.payments_key and context.may_hold("secrets"):
        found["PAYMENTS_KEY"] = hosts.payments_key_arn
    return found


def _tables(
    context: CellContext, what: str, actions: Sequence[str], tables: Sequence[str]
) -> list[Statement]:
    region, account = context.settings.region, context.names.account
    arns = [
        f"arn:aws:dynamodb:{region}:{account}:table/{context.names.table(table)}"
        for table in tables
        if context.may_hold(table)
    ]
    return [_allow(f"{what}Tables", actions, arns)] if arns else []


def _caches(context: CellContext, reach: Reach) -> list[Statement]:
    """To sign in as its user, and to ask where the caches are.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
    """
    account, names = context.names.account, context.names
    groups: list[str] = []
    users: list[str] = []
    if context.may_hold("sessions"):
        own = f"arn:aws:elasticache:{context.settings.region}:{account}"
        groups.append(f"{own}:replicationgroup:{names.cache('local')}")
        users.append(f"{own}:user:{names.everywhere('local')}-{reach.user}")
    for cell in _market(context, reach):
        there = f"arn:aws:elasticache:{cell.region}:{account}"
        groups.append(f"{there}:replicationgroup:{_of(context, cell).cache('market')}")
        users.append(f"{there}:user:{names.everywhere('market')}-{reach.user}")
    if not groups:
        return []
    return [
        _allow("SignInToCaches", ["elasticache:Connect"], [*groups, *users]),
        _allow("FindCaches", ["elasticache:DescribeReplicationGroups"], groups),
    ]


def _market(context: CellContext, reach: Reach) -> list[CellFacts]:
    """The cells whose members of the global cache it signs in to: its own to read, every one to write."""
    if reach.market is None or context.settings.global_cache is None:
        return []
    return [
        cell
        for cell in _cache_members(context)
        if reach.market == "writes" or cell.name == context.settings.stack
    ]


def _orders(context: CellContext) -> list[Statement]:
    cells = _cells(context)
    queues = [
        queue_arn(context.names.account, cell.region, _of(context, cell).queue(ORDERS)) for cell in cells
    ]
    keys = [context.key_arn_in(cell.region, "ledger") for cell in cells]
    return [
        _allow("SendOrders", ["sqs:SendMessage"], queues),
        _key_use(
            "KeysOfQueues",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            keys,
            [f"sqs.{cell.region}.amazonaws.com" for cell in cells],
        ),
    ]


def _signing(context: CellContext) -> Statement:
    """By the alias, which goes from one generation of the key to the next.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    keys = f"arn:aws:kms:{context.settings.region}:{context.names.account}:key/*"
    return {
        **_allow("SignTokens", ["kms:Sign"], [keys]),
        "Condition": {
            "StringEquals": {"kms:SigningAlgorithm": ALGORITHM},
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": signing_alias(context)},
        },
    }


def _allow(sid: str, actions: Sequence[str], resources: Sequence[pulumi.Input[str]]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}


def _key_use(
    sid: str, actions: Sequence[str], keys: Sequence[pulumi.Input[str]], through: Sequence[str]
) -> Statement:
    return {
        **_allow(sid, actions, keys),
        "Condition": {"StringEquals": {"kms:ViaService": list(through)}},
    }


def _unlike(context: CellContext, datasets: Sequence[str]) -> list[pulumi.Input[str]]:
    """The keys of data sets, each family's once."""
    platform = context.settings.platform
    return list({platform.family_of(dataset): context.key_arn(dataset) for dataset in datasets}.values())


def _cells(context: CellContext) -> Sequence[CellFacts]:
    return context.settings.platform.present(context.settings.stack)


def _cache_members(context: CellContext) -> list[CellFacts]:
    return [cell for cell in _cells(context) if cell.name in context.settings.platform.cache_members]


def _of(context: CellContext, cell: CellFacts) -> Names:
    return Names(context.names.platform, cell.name, context.names.account)


def _url(context: CellContext, region: str, queue: str) -> str:
    return f"https://sqs.{region}.amazonaws.com/{context.names.account}/{queue}"


def _listed(named: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in named.items())
