"""Caches of a cell: its member of the global cache for market data, and its own for limits and sessions."""

from __future__ import annotations

import pulumi

from components.cell.context import CellContext
from components.cell.data.store_network import store_network
from components.data.cache.global_cache import Cache, CacheArgs, DatastoreSizes
from components.data.cache.local_cache import LocalCache, LocalCacheArgs
from settings import CellFacts


def cache_members(context: CellContext) -> list[CellFacts]:
    """Cells with a member of the global cache, as this one counts them."""
    return [cell for cell in context.cells if cell.name in context.settings.platform.cache_members]


def build_global_cache(context: CellContext) -> pulumi.Input[str]:
    """Builds the cell's member. Returns the global cache's id; empty for a cell that isn't a member."""
    settings, names = context.settings, context.names
    sizes = settings.global_cache
    if sizes is None:
        return ""
    return Cache(
        f"{context.name}-market",
        CacheArgs(
            replication_group=names.cache("market"),
            user_group=names.platform_cache("market"),
            datastore_suffix=names.platform_cache("market"),
            datastore=DatastoreSizes(node_type=sizes.node_type, shards=sizes.shards)
            if settings.is_birth
            else context.earlier[settings.birth.name].global_cache_id,
            network=store_network(context, from_other_cells=True),
            key_arn=context.key_arn("market"),
            tags=context.tags("market"),
            replicas=sizes.replicas,
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
            retire=settings.retire,
        ),
        context.child,
    ).global_id


def build_local_cache(context: CellContext) -> None:
    """Builds the cell's own cache, where the cell may hold sessions."""
    settings, names = context.settings, context.names
    if not context.may_hold("sessions"):
        return
    sizes = settings.sizes.local_cache
    LocalCache(
        f"{context.name}-cache",
        LocalCacheArgs(
            replication_group=names.cache("local"),
            user_group=names.platform_cache("local"),
            network=store_network(context, from_other_cells=False),
            key_arn=context.key_arn("sessions"),
            tags=context.tags("sessions"),
            node_type=sizes.node_type,
            shards=sizes.shards,
            replicas=sizes.replicas,
            log_days=settings.sizes.log_days,
            alarm_topic_arn=context.alarm_topic_arn,
            retire=settings.retire,
        ),
        context.child,
    )
