"""Buckets of a cell: for logs that AWS delivers, and for audit records, reports and the web interface."""

from __future__ import annotations

from components.cell.context import CellContext
from components.cell.inputs import CellInputs
from components.data.buckets.audit import AuditBucket, AuditBucketArgs
from components.data.buckets.logs import LogBucket, LogBucketArgs
from components.data.buckets.private_bucket import ObjectLock
from components.data.buckets.reports import ReportsBucket, ReportsBucketArgs
from components.data.buckets.web import WebBucket, WebBucketArgs


def build_log_bucket(cell: CellInputs) -> LogBucket:
    """Builds the log bucket, before everything that logs to it; retention is in `castle:sizes`."""
    settings, sizes = cell.settings, cell.settings.sizes
    return LogBucket(
        f"{cell.name}-logs",
        LogBucketArgs(
            bucket=cell.names.bucket("logs"),
            account=settings.platform.account,
            region=settings.region,
            key_arn=None,
            retention_days={"alb": sizes.log_days, "flow": sizes.flow_log_days, "s3": sizes.log_days},
            retire=settings.retire,
        ),
        cell.child,
    )


def build_audit_bucket(context: CellContext) -> None:
    """Builds the bucket, where the cell may hold audit records."""
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


def build_reports_bucket(context: CellContext) -> None:
    """Builds the bucket, where the cell may hold reports."""
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


def build_web_bucket(context: CellContext) -> None:
    """Builds the bucket, where the cell may hold the web interface."""
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
