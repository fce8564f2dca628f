"""The function that judges the tokens of whoever calls the API."""

from __future__ import annotations

import json
from collections.abc import Sequence

from components.alarms import Watch, alarm
from components.cell.context import CellContext
from components.cell.tokens import issuer, verifying_aliases
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import Function, FunctionArgs
from components.ingress.api.methods import METHODS, scopes
from components.ingress.api.usage_plans import EVERYONE, usage_key

AUTHORIZER = "authorizer"
# It takes 10 ms for a token that API Gateway hasn't seen for five minutes: more of them than callers can make.
CONCURRENCY = 100
SLOW_MS = 1000


def authorizer(context: CellContext) -> Function:
    settings, names = context.settings, context.names
    function = names.function(AUTHORIZER)
    made = Function(
        f"{context.name}-{AUTHORIZER}",
        FunctionArgs(
            function=function,
            role=names.role(AUTHORIZER),
            account=settings.platform.account,
            region=settings.region,
            description="Judges the tokens of whoever calls the API",
            archive=lambda_archive("workloads.authorizer", []),
            handler="workloads.authorizer.handler.handler",
            memory=512,
            timeout=10,
            concurrency=CONCURRENCY,
            environment={
                "TOKEN_ISSUER": issuer(context),
                "TOKEN_AUDIENCE": issuer(context),
                "TOKEN_KEYS": " ".join(verifying_aliases(context)),
                "METHODS": json.dumps(scopes(METHODS)),
                "USAGE_KEY": usage_key(settings.platform.name, EVERYONE),
            },
            statements=[
                read_public_keys(settings.platform.account, settings.region, verifying_aliases(context))
            ],
            tolerated_errors=100,  # in a minute: each token that isn't good is one, and anybody can send them
            vpc_id=context.network.vpc_id,
            subnet_ids=context.network.app_subnet_ids,
            egress={"keys": context.egress_to("kms")},
            key_arn=context.key_arn("logs"),
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
        ),
        context.child,
    )
    for what, watch in watches(function).items():
        alarm(
            f"{context.name}-{AUTHORIZER}-alarm-{what}",
            watch,
            context.alarm_topic_arn,
            context.child,
        )
    return made


def watches(function: str) -> dict[str, Watch]:
    """Whoever waits here waits for the API."""
    return {
        "slow": Watch(
            tells=f"The authorizer takes longer than {SLOW_MS} ms for one token in a hundred: is KMS reached?",
            namespace="AWS/Lambda",
            metric="Duration",
            dimensions={"FunctionName": function},
            statistic="p99",
            is_="above",
            threshold=SLOW_MS,
        ),
    }


def read_public_keys(account: str, region: str, aliases: Sequence[str]) -> dict[str, object]:
    """By their aliases, since what AWS calls the keys only the birth cell is told.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
    """
    return {
        "Sid": "ReadPublicKeys",
        "Effect": "Allow",
        "Action": "kms:GetPublicKey",
        "Resource": f"arn:aws:kms:{region}:{account}:key/*",
        "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": sorted(aliases)}},
    }
