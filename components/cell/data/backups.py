"""Backups of a cell: the data sets that AWS Backup keeps, by key family, and where their copies are."""

from __future__ import annotations

from components.cell.context import BACKUP_TAG, CellContext
from components.data.backup.backups import Backups, BackupsArgs, CopyRegion, FamilyBackups
from components.data.backup.plan import RetentionDays
from components.data.backup.vault import VaultLock
from settings import Backup, backups


def build_backups(context: CellContext) -> None:
    """Builds vaults, plans and restore tests; retention is `castle:sizes.backups`."""
    settings = context.settings
    sizes = settings.sizes.backups
    families = backups(settings.platform, settings.cell, settings.stack)
    if not families:
        return
    Backups(
        f"{context.name}-backups",
        BackupsArgs(
            account=settings.platform.account,
            region=settings.region,
            deployer=settings.platform.deployer,
            tag=BACKUP_TAG,
            families={each.family: _family_backups(context, each) for each in families},
            restore_plan=context.names.restore_plan(),
            restore_subnet_ids=list(context.network.data_subnet_ids.values()) if settings.ledger else [],
            lock=VaultLock(
                mode=sizes.lock,
                min_days=min(sizes.hourly_days, sizes.daily_days, sizes.monthly_days),
                max_days=max(sizes.hourly_days, sizes.daily_days, sizes.monthly_days),
            ),
            retention=RetentionDays(
                hourly=sizes.hourly_days, daily=sizes.daily_days, monthly=sizes.monthly_days
            ),
            alarm_topic_arn=context.alarm_topic_arn,
            retire=settings.retire,
        ),
        context.child,
    )


def _family_backups(context: CellContext, backup: Backup) -> FamilyBackups:
    copy = None
    if backup.copied_to is not None:
        key_arn = context.key_arn_in(backup.copied_to, backup.datasets[0])
        copy = CopyRegion(region=backup.copied_to, key_arn=key_arn, hourly=backup.only_copy)
    return FamilyBackups(key_arn=context.key_arn(backup.datasets[0]), copy=copy, buckets=backup.buckets)
