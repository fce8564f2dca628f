"""Application secrets: the first cell that may hold secrets makes them, and replicates them to the others."""

from __future__ import annotations

import pulumi

from components.cell.context import CellContext
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import Function, FunctionArgs
from components.data.secrets.application_secret import (
    ApplicationSecret,
    ApplicationSecretArgs,
    RotationFunction,
)
from components.data.secrets.replicated_secret import SecretRegions

ROTATION = "payments-key-rotation"
ROTATION_MEMORY = 256  # MB
ROTATION_SECONDS = 30


def build_application_secrets(context: CellContext) -> pulumi.Input[str]:
    """Builds the key with which Payments signs notices to partners. Returns its ARN in this region, or nothing."""
    settings, names, platform = context.settings, context.names, context.settings.platform
    first = platform.first_possible_holder("secrets")
    if not context.may_hold("secrets") or first is None:
        return ""
    if first != settings.cell:
        made = pulumi.Output.from_input(context.earlier[first.name].payments_key_arn)
        return made.apply(lambda arn: arn.replace(f":{first.region}:", f":{settings.region}:"))
    function = Function(
        f"{context.name}-payments-rotation",
        FunctionArgs(
            function=names.function(ROTATION),
            role=names.role(ROTATION),
            description="Rotates the key that Payments signs with",
            account=platform.account,
            region=settings.region,
            archive=lambda_archive("workloads.signing_key", []),
            handler="workloads.signing_key.handler.handler",
            memory=ROTATION_MEMORY,
            timeout=ROTATION_SECONDS,
            concurrency=1,  # one rotation at a time
            vpc_id=context.network.vpc_id,
            subnet_ids=context.network.app_subnet_ids,
            egress={"secrets": context.egress_to("secretsmanager")},
            key_arn=context.key_arn("logs"),
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
        ),
        context.child,
    )
    roles = f"arn:aws:iam::{platform.account}:role/{platform.name}-*"
    return ApplicationSecret(
        f"{context.name}-payments-key",
        ApplicationSecretArgs(
            description="What Payments signs its notices with",
            regions=_secret_place(context),
            readers=[f"{roles}-payments", f"{roles}-{ROTATION}"],
            rotation_function=RotationFunction(
                function_arn=function.arn,
                function_name=function.name,
                role_name=function.role_name,
                reached_after=[*function.egress, *context.endpoints_ready],
            ),
            retire=settings.retire,
        ),
        context.child,
    ).arn


def _secret_place(context: CellContext) -> SecretRegions:
    """Replicas in every other cell that may hold secrets, or else in the second home of their residency."""
    platform, here = context.settings.platform, context.settings.region
    stack = context.settings.stack
    others = [cell.region for cell in platform.others(stack) if platform.may_hold(cell.region, "secrets")]
    second = platform.second_home(here, "secrets", stack)
    regions = others or ([] if second is None else [second])
    return SecretRegions(
        account=platform.account,
        tags=context.tags("secrets"),
        key_arn=context.key_arn("secrets"),
        replicas={region: context.key_arn_in(region, "secrets") for region in regions},
    )
