"""Drains: the bucket in which an operator drains another cell, and the role by which the API reads it."""

from __future__ import annotations

from components.account.baseline import api_gateway_trust
from components.cell.context import CellContext
from components.compute.service_role import ServiceRole, ServiceRoleArgs
from components.data.buckets.data_bucket import DataBucketArgs
from components.data.buckets.drains import DRAINED_PREFIX, DrainsBucket, read_drains
from components.ingress.api.health import Drains


def build_drains(context: CellContext) -> Drains:
    """Builds the bucket and the role."""
    bucket = context.names.bucket("drains")
    drains = DrainsBucket(
        f"{context.name}-drains",
        DataBucketArgs(
            bucket=bucket,
            tags=context.tags("drains"),
            key_arn=context.key_arn("drains"),
            log_bucket=context.logs.name,
            retire=context.settings.retire,
        ),
        context.child,
    )
    role = ServiceRole(
        f"{context.name}-reads-drains",
        ServiceRoleArgs(
            role=context.names.role("reads-drains"),
            trust=api_gateway_trust(),
            statements=read_drains(bucket, context.key_arn("drains")),
        ),
        context.child,
    )
    return Drains(bucket=drains.name, prefix=DRAINED_PREFIX, role_arn=role.arn)
