"""Lambda functions of the order path: each runs `workloads.matcher` and signs in to the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.cell.context import CellContext
from components.cell.data.ledger import LedgerEndpoints, egress_to_ledger, ledger_members
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import Function, FunctionArgs
from components.data.ledger.ledger import DATABASE
from components.data.ledger.read_proxy import PORT
from components.security_group_rules import EgressRule

Statement = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class OrderFunctionArgs:
    """One function of the order path, apart from what all of them share."""

    what: str  # the last part of its names: logical, physical and the role's
    description: str
    handler: str  # a function of `workloads.matcher.entry`, with its module

    memory: int  # MB
    timeout: int  # seconds
    concurrency: int  # how many may run at once
    tolerated_errors: int = 0  # in a minute, without an alarm

    environment: Mapping[str, pulumi.Input[str]]
    statements: Sequence[Statement]
    egress: Mapping[str, EgressRule] = field(default_factory=dict)  # beyond the ledger's members


def build_order_function(context: CellContext, ledger: LedgerEndpoints, args: OrderFunctionArgs) -> Function:
    """Builds one function of the order path, and admits it to the cell's member of the ledger."""
    settings, names = context.settings, context.names
    function = Function(
        f"{context.name}-{args.what}",
        FunctionArgs(
            function=names.function(args.what),
            role=names.role(args.what),
            description=args.description,
            account=settings.platform.account,
            region=settings.region,
            archive=lambda_archive("workloads.matcher", ["pg8000"], ["workloads.ledger_login"]),
            handler=args.handler,
            memory=args.memory,
            timeout=args.timeout,
            concurrency=args.concurrency,
            signing_profiles=settings.sizes.orders.signing_profiles,
            environment={**_ledger_environment(context, ledger), **args.environment},
            environment_key_arn=context.key_arn("ledger"),
            statements=list(args.statements),
            tolerated_errors=args.tolerated_errors,
            vpc_id=context.network.vpc_id,
            subnet_ids=context.network.app_subnet_ids,
            egress={**egress_to_ledger(context), **args.egress},
            key_arn=context.key_arn("logs"),
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
        ),
        context.child,
    )
    if ledger.member is not None:
        ledger.member.allow_client(args.what, function.group_id)
    return function


def sign_in_statement(context: CellContext, user: str) -> Statement:
    """IAM statement to sign in to the ledger as a database user, in each member's region.

    Any cluster that has the user: whichever member writes, and as AWS may make it anew.
    """
    account = context.settings.platform.account
    return {
        "Sid": "SignIn",
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": [
            f"arn:aws:rds-db:{cell.region}:{account}:dbuser:*/{user}" for cell in ledger_members(context)
        ],
    }


def _ledger_environment(context: CellContext, ledger: LedgerEndpoints) -> dict[str, pulumi.Input[str]]:
    """Environment of every function: the writer's endpoint, and the regions for which a login may be signed."""
    settings = context.settings
    birth = settings.birth.name
    host = ledger.endpoint if settings.is_birth else context.earlier[birth].ledger_endpoint
    return {
        "CELL": settings.stack,
        "LEDGER_HOST": host,
        "LEDGER_PORT": str(PORT),
        "LEDGER_DATABASE": DATABASE,
        "LEDGER_REGIONS": ",".join(cell.region for cell in ledger_members(context)),
    }
