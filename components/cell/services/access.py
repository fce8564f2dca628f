"""Service access: IAM statements of a service's role, derived from its row in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.cell.context import CellContext
from components.cell.data.caches import cache_members
from components.cell.orders.orders import has_orders
from components.cell.orders.queue import ORDERS
from components.cell.orders.topics import subscription_queue
from components.cell.tokens import signing_alias
from components.data.ledger.read_proxy import READERS
from components.identity.signing_policy import ALGORITHM
from components.messaging.order_consumer import receive_statements
from components.messaging.queue_policy import queue_arn
from settings import CellFacts
from settings.catalogue import SERVICES, Service

READ = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
WRITE = [*READ, "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]

Statement = Mapping[str, pulumi.Input[object]]


def role_statements(
    context: CellContext, service: str, payments_key_arn: pulumi.Input[str]
) -> list[Statement]:
    """IAM statements of a service's role. Keys are used only through the AWS service that stores with them."""
    region, facts = context.settings.region, SERVICES[service]
    statements = [
        *_table_statements(context, "ReadTables", READ, facts.reads_tables),
        *_table_statements(context, "WriteTables", WRITE, facts.writes_tables),
        *_cache_statements(context, service),
    ]
    tables = [table for table in (*facts.reads_tables, *facts.writes_tables) if context.may_hold(table)]
    if tables:
        keys = _distinct_keys(context, tables)
        statements.append(
            _key_use("KeysOfTables", ["kms:Decrypt"], keys, [f"dynamodb.{region}.amazonaws.com"])
        )
    if facts.reads_ledger and context.settings.ledger is not None:
        users = [f"arn:aws:rds-db:{region}:{context.names.account}:dbuser:*/{reader}" for reader in READERS]
        statements.append(_allow("LedgerReads", ["rds-db:connect"], users))
    if facts.sends_orders:
        statements += _order_statements(context)
    if facts.subscribes and has_orders(context):
        queues = [context.names.queue(subscription_queue(topic, service)) for topic in facts.subscribes]
        arns = [queue_arn(context.names.account, region, queue) for queue in queues]
        statements += receive_statements(arns, context.key_arn("ledger"), region)
    if facts.signs_tokens:
        statements.append(_signing_statement(context))
    if facts.reads_payments_key and context.may_hold("secrets"):
        statements.append(_allow("PaymentsKey", ["secretsmanager:GetSecretValue"], [payments_key_arn]))
        statements.append(
            _key_use(
                "KeyOfSecrets",
                ["kms:Decrypt"],
                [context.key_arn("secrets")],
                [f"secretsmanager.{region}.amazonaws.com"],
            )
        )
    return statements


def market_caches(context: CellContext, facts: Service) -> list[CellFacts]:
    """Cells whose members of the global cache a service signs in to: its own to read, every one to write."""
    if facts.market_cache is None or context.settings.global_cache is None:
        return []
    members = cache_members(context)
    if facts.market_cache == "writes":
        return members
    return [cell for cell in members if cell.name == context.settings.stack]


def _table_statements(
    context: CellContext, sid: str, actions: Sequence[str], tables: Sequence[str]
) -> list[Statement]:
    region, account = context.settings.region, context.names.account
    arns = [
        f"arn:aws:dynamodb:{region}:{account}:table/{context.names.table(table)}"
        for table in tables
        if context.may_hold(table)
    ]
    return [_allow(sid, actions, arns)] if arns else []


def _cache_statements(context: CellContext, service: str) -> list[Statement]:
    """Statements to sign in to the caches as the service's user, and to look up their endpoints.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
    """
    account, names = context.names.account, context.names
    groups: list[str] = []
    users: list[str] = []
    if context.may_hold("sessions"):
        own = f"arn:aws:elasticache:{context.settings.region}:{account}"
        groups.append(f"{own}:replicationgroup:{names.cache('local')}")
        users.append(f"{own}:user:{names.platform_cache('local')}-{service}")
    for cell in market_caches(context, SERVICES[service]):
        there = f"arn:aws:elasticache:{cell.region}:{account}"
        groups.append(f"{there}:replicationgroup:{context.names_of(cell).cache('market')}")
        users.append(f"{there}:user:{names.platform_cache('market')}-{service}")
    if not groups:
        return []
    return [
        _allow("SignInToCaches", ["elasticache:Connect"], [*groups, *users]),
        _allow("FindCaches", ["elasticache:DescribeReplicationGroups"], groups),
    ]


def _order_statements(context: CellContext) -> list[Statement]:
    cells, account = context.cells, context.names.account
    queues = [queue_arn(account, cell.region, context.names_of(cell).queue(ORDERS)) for cell in cells]
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


def _signing_statement(context: CellContext) -> Statement:
    """Statement to sign tokens by the alias, which moves from one generation of the key to the next.

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
    sid: str, actions: Sequence[str], keys: Sequence[pulumi.Input[str]], via: Sequence[str]
) -> Statement:
    return {
        **_allow(sid, actions, keys),
        "Condition": {"StringEquals": {"kms:ViaService": list(via)}},
    }


def _distinct_keys(context: CellContext, datasets: Sequence[str]) -> list[pulumi.Input[str]]:
    """Keys of data sets, each family's once."""
    platform = context.settings.platform
    return list({platform.family_of(dataset): context.key_arn(dataset) for dataset in datasets}.values())
