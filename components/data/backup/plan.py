"""When AWS Backup makes backups, and how long they are kept."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# What goes to cold storage stays there for 90 days at least; what can't go there, stays warm.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
COLD_AFTER_DAYS = 30
COLD_MIN_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class KeepDays:
    hourly: int
    daily: int
    monthly: int


@dataclass(frozen=True, kw_only=True)
class CopyDestination:
    """Where copies of backups go, in another region of the same residency."""

    vault_arn: pulumi.Input[str]
    hourly: bool  # the hourly ones too, since nothing else leaves the region


def store_rules(
    vault: pulumi.Input[str], keep: KeepDays, copy: CopyDestination | None
) -> list[aws.backup.PlanRuleArgs]:
    """The rules for databases, tables and files. Clusters and tables are also restored to any second by themselves.

    A rule that also asked AWS Backup to do that for clusters would change their backup settings past the program.
    """
    return [
        _rule("hourly", vault, "cron(0 * * * ? *)", keep.hourly, copy if copy and copy.hourly else None),
        _rule("daily", vault, "cron(20 3 * * ? *)", keep.daily, copy),
        _rule("monthly", vault, "cron(40 4 1 * ? *)", keep.monthly, copy, cold=True),
    ]


def bucket_rules(
    vault: pulumi.Input[str], keep: KeepDays, copy: CopyDestination | None
) -> list[aws.backup.PlanRuleArgs]:
    """The rules for buckets: every moment of the last days, and one backup a month.

    A copy is a snapshot, so that the hourly one is made where nothing else leaves the region.
    """
    every = "cron(0 * * * ? *)" if copy and copy.hourly else "cron(20 3 * * ? *)"
    return [
        _rule("continuous", vault, every, keep.daily, copy, continuous=True),
        _rule("monthly", vault, "cron(40 4 1 * ? *)", keep.monthly, copy),
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
    copied = (
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
        start_window=60,  # minutes, and the shortest there is
        completion_window=720,
        enable_continuous_backup=continuous,
        lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=days, cold_storage_after=cold_after),
        copy_actions=copied,
    )
