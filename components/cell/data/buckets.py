"""What a cell keeps as objects and files: the log bucket that others write to, and the buckets of its data."""

from __future__ import annotations

import pulumi

from components.cell.context import CellContext
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


def audit_bucket(context: CellContext) -> None:
    settings = context.settings
    if not context.may_hold("audit"):
        return
    sizes = settings.sizes.audit
    AuditBucket(
        f"{context.name}-audit",
        AuditBucketArgs(
            bucket=context.names.bucket("audit"),
            tags=context.tags("audit"),
            key_arn=context.key_arn("audit"),
            log_bucket=context.logs.name,
            lock=ObjectLock(mode=sizes.mode, years=sizes.years),
            retire=settings.retire,
        ),
        context.child,
    )


def reports_bucket(context: CellContext) -> None:
    settings = context.settings
    if not context.may_hold("reports"):
        return
    ReportsBucket(
        f"{context.name}-reports",
        ReportsBucketArgs(
            bucket=context.names.bucket("reports"),
            tags=context.backup_tags("reports"),
            key_arn=context.key_arn("reports"),
            log_bucket=context.logs.name,
            retire=settings.retire,
        ),
        context.child,
    )


def web_bucket(context: CellContext) -> None:
    settings = context.settings
    if not context.may_hold("web"):
        return
    WebBucket(
        f"{context.name}-web",
        WebBucketArgs(
            bucket=context.names.bucket("web"),
            account=settings.platform.account,
            tags=context.tags("web"),
            key_arn=context.key_arn("web"),
            log_bucket=context.logs.name,
            retire=settings.retire,
        ),
        context.child,
    )
