"""What a cell keeps as objects and files: the log bucket that others write to, and the buckets of its data."""

from __future__ import annotations

import pulumi

from components.cell.context import Ground
from components.data.buckets.audit import AuditBucket, AuditBucketArgs
from components.data.buckets.logs import LogBucket, LogBucketArgs
from components.data.buckets.private_bucket import ObjectLock
from components.data.buckets.reports import ReportsBucket, ReportsBucketArgs
from components.data.buckets.web import WebBucket, WebBucketArgs
from naming import Names
from settings import CellSettings


def log_bucket(name: str, settings: CellSettings, names: Names, child: pulumi.ResourceOptions) -> LogBucket:
    """Before everything that logs to it, and so before the rest of the ground."""
    sizes = settings.sizes
    return LogBucket(
        f"{name}-logs",
        LogBucketArgs(
            bucket=names.bucket("logs"),
            account=settings.platform.account,
            region=settings.region,
            key_arn=None,
            keep_days={"alb": sizes.log_days, "flow": sizes.flow_log_days, "s3": sizes.log_days},
            retire=settings.retire,
        ),
        child,
    )


def audit_bucket(ground: Ground) -> None:
    settings = ground.settings
    if not ground.holds("audit"):
        return
    sizes = settings.sizes.audit
    AuditBucket(
        f"{ground.name}-audit",
        AuditBucketArgs(
            bucket=ground.names.bucket("audit"),
            tags=ground.tags("audit"),
            key_arn=ground.key_arn("audit"),
            log_bucket=ground.logs.name,
            lock=ObjectLock(mode=sizes.mode, years=sizes.years),
            retire=settings.retire,
        ),
        ground.child,
    )


def reports_bucket(ground: Ground) -> None:
    settings = ground.settings
    if not ground.holds("reports"):
        return
    ReportsBucket(
        f"{ground.name}-reports",
        ReportsBucketArgs(
            bucket=ground.names.bucket("reports"),
            tags=ground.backup_tags("reports"),
            key_arn=ground.key_arn("reports"),
            log_bucket=ground.logs.name,
            retire=settings.retire,
        ),
        ground.child,
    )


def web_bucket(ground: Ground) -> None:
    settings = ground.settings
    if not ground.holds("web"):
        return
    WebBucket(
        f"{ground.name}-web",
        WebBucketArgs(
            bucket=ground.names.bucket("web"),
            account=settings.platform.account,
            tags=ground.tags("web"),
            key_arn=ground.key_arn("web"),
            log_bucket=ground.logs.name,
            retire=settings.retire,
        ),
        ground.child,
    )
