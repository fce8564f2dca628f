"""The two caches of a cell: its member of the global one, and its own."""

from __future__ import annotations

import pulumi

from components.cell.context import Ground
from components.data.cache.global_cache import BirthSizes, Cache, CacheArgs
from components.data.cache.local_cache import LocalCache, LocalCacheArgs


def market_cache(ground: Ground) -> pulumi.Input[str]:
    """The global cache's id; empty for a cell that isn't a member."""
    settings, names = ground.settings, ground.names
    sizes = settings.global_cache
    if sizes is None:
        return ""
    return Cache(
        f"{ground.name}-market",
        CacheArgs(
            replication_group=names.cache("market"),
            user_group=names.everywhere("market"),
            suffix=names.everywhere("market"),
            joins=BirthSizes(node_type=sizes.node_type, shards=sizes.shards)
            if settings.is_birth
            else ground.earlier[settings.birth.name].global_cache_id,
            place=ground.place(from_other_cells=True),
            key_arn=ground.key_arn("market"),
            tags=ground.tags("market"),
            replicas=sizes.replicas,
            log_days=settings.sizes.log_days,
            alarm_topic_arn=ground.alarm_topic_arn,
            retire=settings.retire,
        ),
        ground.child,
    ).global_id


def local_cache(ground: Ground) -> None:
    settings, names = ground.settings, ground.names
    if not ground.holds("sessions"):
        return
    sizes = settings.sizes.local_cache
    LocalCache(
        f"{ground.name}-cache",
        LocalCacheArgs(
            replication_group=names.cache("local"),
            user_group=names.everywhere("local"),
            place=ground.place(from_other_cells=False),
            key_arn=ground.key_arn("sessions"),
            tags=ground.tags("sessions"),
            node_type=sizes.node_type,
            shards=sizes.shards,
            replicas=sizes.replicas,
            log_days=settings.sizes.log_days,
            alarm_topic_arn=ground.alarm_topic_arn,
            retire=settings.retire,
        ),
        ground.child,
    )
