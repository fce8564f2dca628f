"""Authorizer of a cell's API: the function that verifies callers' tokens and their scopes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from components.alarms import AlarmSpec, alarm
from components.cell.context import CellContext
from components.cell.tokens import issuer, verifying_aliases
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import Function, FunctionArgs
from components.ingress.api.methods import METHODS
from components.ingress.api.usage_plans import EVERYONE, usage_key
from settings.catalogue import required_scopes

AUTHORIZER = "authorizer"
# It takes 10 ms for a token that API Gateway hasn't seen for five minutes: more of them than callers can make.
CONCURRENCY = 100
MEMORY = 512  # MB
TIMEOUT_SECONDS = 10
SLOW_MS = 1000  # p99, before the alarm
# In a minute, before the alarm: each token that isn't accepted is an error, and anybody can send one.
TOLERATED_ERRORS = 100


def build_authorizer(context: CellContext) -> Function:
    """Builds the function, with an alarm on its latency, for which every call without a cached verdict waits."""
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
            memory=MEMORY,
            timeout=TIMEOUT_SECONDS,
            concurrency=CONCURRENCY,
            environment={
                "TOKEN_ISSUER": issuer(context),
                "TOKEN_AUDIENCE": issuer(context),
                "TOKEN_KEYS": " ".join(verifying_aliases(context)),
                "METHODS": json.dumps(required_scopes(METHODS)),
                "USAGE_KEY": usage_key(settings.platform.name, EVERYONE),
            },
            statements=[
                read_public_keys(settings.platform.account, settings.region, verifying_aliases(context))
            ],
            tolerated_errors=TOLERATED_ERRORS,
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


def watches(function: str) -> dict[str, AlarmSpec]:
    """Alarms of the authorizer by name: every caller waits for it."""
    return {
        "slow": AlarmSpec(
            description=f"The authorizer takes longer than {SLOW_MS} ms for one token in a hundred: is KMS reached?",
            namespace="AWS/Lambda",
            metric="Duration",
            dimensions={"FunctionName": function},
            statistic="p99",
            comparison="above",
            threshold=SLOW_MS,
        ),
    }


def read_public_keys(account: str, region: str, aliases: Sequence[str]) -> dict[str, object]:
    """IAM statement to read public keys by their aliases, since only the birth cell is told the keys' ids.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
    """
    return {
        "Sid": "ReadPublicKeys",
        "Effect": "Allow",
        "Action": "kms:GetPublicKey",
        "Resource": f"arn:aws:kms:{region}:{account}:key/*",
        "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": sorted(aliases)}},
    }
