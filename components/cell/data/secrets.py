"""Secrets of services. The first cell that may hold secrets makes them, and copies them to the others."""

from __future__ import annotations

import pulumi

from components.cell.context import Ground
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import Function, FunctionArgs
from components.data.secrets.application_secret import ApplicationSecret, ApplicationSecretArgs, RotatedBy
from components.data.secrets.replicated_secret import SecretPlace

ROTATION = "payments-key-rotation"


def application_secrets(ground: Ground) -> pulumi.Input[str]:
    """What Payments signs its notices with, so that partners know them from others: its ARN in this region."""
    settings, names, platform = ground.settings, ground.names, ground.settings.platform
    first = platform.first_holder("secrets")
    if not ground.holds("secrets") or first is None:
        return ""
    if first != settings.cell:
        made = pulumi.Output.from_input(ground.earlier[first.name].payments_key_arn)
        return made.apply(lambda arn: arn.replace(f":{first.region}:", f":{settings.region}:"))
    function = Function(
        f"{ground.name}-payments-rotation",
        FunctionArgs(
            function=names.function(ROTATION),
            role=names.role(ROTATION),
            description="Rotates the key that Payments signs with",
            account=platform.account,
            region=settings.region,
            archive=lambda_archive("workloads.signing_key", []),
            handler="workloads.signing_key.handler.handler",
            memory=256,
            timeout=30,
            concurrency=1,  # one rotation at a time
            vpc_id=ground.network.vpc_id,
            subnet_ids=ground.network.app_subnet_ids,
            ways={"secrets": ground.way_to_secrets()},
            key_arn=ground.key_arn("logs"),
            log_days=settings.sizes.log_days,
            alarm_topic_arn=ground.alarm_topic_arn,
        ),
        ground.child,
    )
    roles = f"arn:aws:iam::{platform.account}:role/{platform.name}-*"
    return ApplicationSecret(
        f"{ground.name}-payments-key",
        ApplicationSecretArgs(
            description="What Payments signs its notices with",
            place=_place(ground),
            readers=[f"{roles}-payments", f"{roles}-{ROTATION}"],
            rotated_by=RotatedBy(
                function_arn=function.arn, function_name=function.name, role_name=function.role_name
            ),
            retire=settings.retire,
        ),
        ground.child,
    ).arn


def _place(ground: Ground) -> SecretPlace:
    """In every other cell that may hold secrets, or else in the second home of their residency."""
    platform, here = ground.settings.platform, ground.settings.region
    stack = ground.settings.stack
    others = [cell.region for cell in platform.others(stack) if platform.holds(cell.region, "secrets")]
    second = platform.second_home(here, "secrets", stack)
    regions = others or ([] if second is None else [second])
    return SecretPlace(
        account=platform.account,
        tags=ground.tags("secrets"),
        key_arn=ground.key_arn("secrets"),
        replicas={region: ground.key_arn_in(region, "secrets") for region in regions},
    )
