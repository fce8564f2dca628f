"""Restores that AWS Backup tries by itself: a backup that can't be restored is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

# By the names that AWS Backup has for them.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
STORES = ("DynamoDB", "EFS", "S3")
DATABASE = "Aurora"


def restore_tests(
    name: str,
    *,
    plan_name: str,
    vault_arns: Sequence[pulumi.Input[str]],
    subnet_ids: Sequence[pulumi.Input[str]],
    role_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Every week the latest backup of each store in the vaults is restored, looked at by AWS, and deleted again.

    A database is restored into `subnet_ids`, as a cluster without instances, which nobody reaches; without them there
    is none to restore.
    """
    child = pulumi.ResourceOptions(parent=parent)
    latest = aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
        algorithm="LATEST_WITHIN_WINDOW",
        include_vaults=vault_arns,
        recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
        selection_window_days=7,
    )
    plan = aws.backup.RestoreTestingPlan(
        f"{name}-restore-plan",
        name=plan_name,  # AWS refuses the hyphens that it would otherwise have
        recovery_point_selection=latest,
        schedule_expression="cron(0 6 ? * SUN *)",
        start_window_hours=8,
        opts=child,
    )

    def restored(kind: str, overrides: Mapping[str, pulumi.Input[str]] | None) -> None:
        aws.backup.RestoreTestingSelection(
            f"{name}-restore-{kind.lower()}",
            name=kind,
            restore_testing_plan_name=plan.name,
            protected_resource_type=kind,
            protected_resource_arns=["*"],
            restore_metadata_overrides=overrides,
            iam_role_arn=role_arn,
            validation_window_hours=1,
            opts=child,
        )

    for kind in STORES:
        restored(kind, None)
    if subnet_ids:
        subnets = aws.rds.SubnetGroup(
            f"{name}-restore-subnets",
            description="Where restores are tried",
            subnet_ids=subnet_ids,
            opts=child,
        )
        restored(DATABASE, {"dbSubnetGroupName": subnets.name})
