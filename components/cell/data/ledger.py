"""Ledger of a cell: its member of the global database, and the function that rotates the administrator's password."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.cell.context import CellContext
from components.cell.data.store_network import store_network
from components.compute.functions.archive import lambda_archive
from components.compute.functions.function import Function, FunctionArgs
from components.data.ledger.ledger import AdministratorSecret, Ledger, LedgerArgs
from components.data.ledger.read_proxy import PORT
from components.data.secrets.replicated_secret import SecretRegions
from components.data.secrets.rotation import SecretRotation, SecretRotationArgs
from components.security_group_rules import EgressRule
from settings import CellFacts

ROTATION = "ledger-rotation"
ROTATION_MEMORY = 256  # MB
ROTATION_SECONDS = 60
STEWARD = "ledger-steward"  # signs in as the administrator, too


@dataclass(frozen=True, kw_only=True)
class LedgerEndpoints:
    """Endpoints and secrets of the ledger for other parts of the cell.

    Empty where the cell has no member, and where another cell's contract has the value.
    """

    member: Ledger | None = None
    endpoint: pulumi.Input[str] = ""
    read_endpoint: pulumi.Input[str] = ""
    secret_arn: pulumi.Input[str] = ""
    local_secret_arn: pulumi.Input[str] = ""  # of the secret, or of its replica here


def build_ledger(context: CellContext) -> LedgerEndpoints:
    """Builds the cell's member of the ledger and its rotation; nothing in a cell that is no member."""
    settings, names = context.settings, context.names
    capacity = settings.ledger
    if capacity is None:
        return LedgerEndpoints()
    function = _rotation_function(context)
    made = Ledger(
        f"{context.name}-ledger",
        LedgerArgs(
            account=settings.platform.account,
            region=settings.region,
            cluster_identifier=names.database("ledger"),
            global_cluster_identifier=names.global_database("ledger"),
            final_snapshot_identifier=names.snapshot("ledger-final"),
            proxy=names.database("ledger-proxy"),
            read_endpoint=names.database("ledger-reads"),
            birth_region=settings.birth.region,
            administrator_secret=_first_login(context) if settings.is_birth else None,
            network=store_network(context, from_other_cells=True),
            rotation_group_id=function.group_id,
            key_arn=context.key_arn("ledger"),
            min_acu=capacity.min_acu,
            max_acu=capacity.max_acu,
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
            tags=context.backup_tags("ledger"),
            retire=settings.retire,
        ),
        context.child,
    )
    local_secret_arn = made.secret_arn or _replicated_secret_arn(context)
    SecretRotation(
        f"{context.name}-ledger-rotation",
        SecretRotationArgs(
            account=settings.platform.account,
            secret_arn=local_secret_arn,
            key_arn=context.key_arn("ledger"),
            function_arn=function.arn,
            function_name=function.name,
            role_name=function.role_name,
            rotates=settings.is_birth,
            rotate_after=[*made.instances, *function.egress, *context.endpoints_ready],
        ),
        context.child,
    )
    return LedgerEndpoints(
        member=made,
        endpoint=made.endpoint or "",
        read_endpoint=made.read_endpoint,
        secret_arn=made.secret_arn or "",
        local_secret_arn=local_secret_arn,
    )


def ledger_members(context: CellContext) -> list[CellFacts]:
    """Cells with a member of the ledger, as this one counts them."""
    return [cell for cell in context.cells if cell.name in context.settings.platform.ledger_members]


def egress_to_ledger(context: CellContext) -> dict[str, EgressRule]:
    """Egress to every member of the ledger, one of which is the writer."""
    return {cell.name: EgressRule(PORT, cell.cidr) for cell in ledger_members(context)}


def _first_login(context: CellContext) -> AdministratorSecret:
    """First login of the administrator, copied to every other member: each may become the writer and rotate it."""
    platform = context.settings.platform
    others = [cell.region for cell in ledger_members(context) if cell.region != context.settings.region]
    roles = [f"arn:aws:iam::{platform.account}:role/{platform.name}-*-{who}" for who in (ROTATION, STEWARD)]
    return AdministratorSecret(
        regions=SecretRegions(
            account=platform.account,
            tags=context.tags("ledger"),
            key_arn=context.key_arn("ledger"),
            replicas={region: context.key_arn_in(region, "ledger") for region in others},
        ),
        readers=[*roles, platform.deployer],  # who deploys reads the first version back
    )


def _replicated_secret_arn(context: CellContext) -> pulumi.Output[str]:
    """ARN of the secret's replica in this region; it differs from the secret's in the region alone."""
    settings = context.settings
    born = pulumi.Output.from_input(context.earlier[settings.birth.name].ledger_secret_arn)
    return born.apply(lambda arn: arn.replace(f":{settings.birth.region}:", f":{settings.region}:"))


def _rotation_function(context: CellContext) -> Function:
    """Function in the app subnets, which every member of the ledger admits: any of them may be the writer."""
    settings, names = context.settings, context.names
    return Function(
        f"{context.name}-rotation",
        FunctionArgs(
            function=names.function(ROTATION),
            role=names.role(ROTATION),
            description="Rotates the password of the administrator of the ledger",
            account=settings.platform.account,
            region=settings.region,
            archive=lambda_archive("workloads.rotation", ["pg8000"], ["workloads.ledger_login"]),
            handler="workloads.rotation.handler.handler",
            memory=ROTATION_MEMORY,
            timeout=ROTATION_SECONDS,
            concurrency=1,  # one rotation at a time
            vpc_id=context.network.vpc_id,
            subnet_ids=context.network.app_subnet_ids,
            egress=egress_to_ledger(context) | {"secrets": context.egress_to("secretsmanager")},
            key_arn=context.key_arn("logs"),
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
        ),
        context.child,
    )
