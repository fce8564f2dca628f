"""Restore testing plan of AWS Backup: a backup that can't be restored is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

# By the names that AWS Backup has for them.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
STORE_TYPES = ("DynamoDB", "EFS", "S3")
DATABASE_TYPE = "Aurora"
SCHEDULE = "cron(0 6 ? * SUN *)"  # UTC
SELECTION_WINDOW_DAYS = 7  # the latest backup is sought among those of the week
START_WINDOW_HOURS = 8
VALIDATION_WINDOW_HOURS = 1  # after which the restored store is deleted


def restore_tests(
    name: str,
    *,
    plan_name: str,
    vault_arns: Sequence[pulumi.Input[str]],
    subnet_ids: Sequence[pulumi.Input[str]],
    role_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    """Restores the latest backup of each store in the vaults every week; AWS validates it and deletes it again.

    A database is restored into `subnet_ids`, as a cluster without instances, which nobody reaches; without subnets
    no database is restored.
    """
    child = pulumi.ResourceOptions(parent=parent)
    latest = aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
        algorithm="LATEST_WITHIN_WINDOW",
        include_vaults=vault_arns,
        recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
        selection_window_days=SELECTION_WINDOW_DAYS,
    )
    plan = aws.backup.RestoreTestingPlan(
        f"{name}-restore-plan",
        name=plan_name,  # AWS refuses the hyphens that it would otherwise have
        recovery_point_selection=latest,
        schedule_expression=SCHEDULE,
        start_window_hours=START_WINDOW_HOURS,
        opts=child,
    )

    def selection(resource_type: str, overrides: Mapping[str, pulumi.Input[str]] | None) -> None:
        aws.backup.RestoreTestingSelection(
            f"{name}-restore-{resource_type.lower()}",
            name=resource_type,
            restore_testing_plan_name=plan.name,
            protected_resource_type=resource_type,
            protected_resource_arns=["*"],
            restore_metadata_overrides=overrides,
            iam_role_arn=role_arn,
            validation_window_hours=VALIDATION_WINDOW_HOURS,
            opts=child,
        )

    for resource_type in STORE_TYPES:
        selection(resource_type, None)
    if subnet_ids:
        subnets = aws.rds.SubnetGroup(
            f"{name}-restore-subnets",
            description="Where restores are tried",
            subnet_ids=subnet_ids,
            opts=child,
        )
        selection(DATABASE_TYPE, {"dbSubnetGroupName": subnets.name})
