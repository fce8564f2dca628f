"""Rules of AWS Backup plans: schedule, retention, cold storage and copies of the backups."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

HOURLY = "cron(0 * * * ? *)"
DAILY = "cron(20 3 * * ? *)"  # UTC
MONTHLY = "cron(40 4 1 * ? *)"
START_MINUTES = 60  # within which a backup has to begin; the shortest there is
COMPLETION_MINUTES = 720
# Backups in cold storage stay there for 90 days at least; a retention that is too short for that stays warm.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
COLD_AFTER_DAYS = 30
COLD_MIN_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class RetentionDays:
    """Retention of the backups of each schedule, in days."""

    hourly: int
    daily: int
    monthly: int


@dataclass(frozen=True, kw_only=True)
class CopyDestination:
    """Vault for copies of backups, in another region of the same residency."""

    vault_arn: pulumi.Input[str]
    hourly: bool  # whether hourly backups are copied too, since nothing else leaves the region


def store_rules(
    vault: pulumi.Input[str], retention: RetentionDays, copy: CopyDestination | None
) -> list[aws.backup.PlanRuleArgs]:
    """Rules for databases, tables and files, which also have point-in-time recovery of their own.

    Continuous backup by AWS Backup would change the backup settings of clusters past the program.
    """
    return [
        _rule("hourly", vault, HOURLY, retention.hourly, copy if copy and copy.hourly else None),
        _rule("daily", vault, DAILY, retention.daily, copy),
        _rule("monthly", vault, MONTHLY, retention.monthly, copy, cold=True),
    ]


def bucket_rules(
    vault: pulumi.Input[str], retention: RetentionDays, copy: CopyDestination | None
) -> list[aws.backup.PlanRuleArgs]:
    """Rules for buckets: continuous backup, for recovery to any second of the last days, and one backup a month.

    A copy is a snapshot, so that the hourly one is made where nothing else leaves the region.
    """
    schedule = HOURLY if copy and copy.hourly else DAILY
    return [
        _rule("continuous", vault, schedule, retention.daily, copy, continuous=True),
        _rule("monthly", vault, MONTHLY, retention.monthly, copy),
    ]


def _rule(
    name: str,
    vault: pulumi.Input[str],
    schedule: str,
    days: int,
    copy: CopyDestination | None,
    *,
    cold: bool = False,
    continuous: bool = False,
) -> aws.backup.PlanRuleArgs:
    cold_after = COLD_AFTER_DAYS if cold and days >= COLD_AFTER_DAYS + COLD_MIN_DAYS else None
    copy_actions = (
        []
        if copy is None
        else [
            aws.backup.PlanRuleCopyActionArgs(
                destination_vault_arn=copy.vault_arn,
                lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(
                    delete_after=days, cold_storage_after=cold_after
                ),
            )
        ]
    )
    return aws.backup.PlanRuleArgs(
        rule_name=name,
        target_vault_name=vault,
        schedule=schedule,
        start_window=START_MINUTES,
        completion_window=COMPLETION_MINUTES,
        enable_continuous_backup=continuous,
        lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=days, cold_storage_after=cold_after),
        copy_actions=copy_actions,
    )
