"""Outages: which services don't answer in which region, and who needs them."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.cloud import baseline
from rehearsal.cloud.inventory import OUTAGE, World, resource_key
from rehearsal.cloud.provider_verbs import RefusedError, Target, Thing
from rehearsal.values import reveal_top

ALL_SERVICES = "*"


def outage_record(region: str, service: str = ALL_SERVICES) -> tuple[str, Thing]:
    """What the cloud holds, and under which key, for as long as a service (`rds`) in a region doesn't answer."""
    return resource_key(OUTAGE, region, service), Thing(OUTAGE, service, region, "", {}, {})


def is_unreachable(world: World, target: Target, region: str) -> bool:
    """Whether a call about the target fails; `region` is the resource's, '' for a global one."""
    service, place = _endpoint(world, target, region)
    return _is_down(world.resources, place, service)


def must_be_reachable(world: World, target: Target, region: str) -> None:
    """Raises RefusedError if a call about the target fails for want of an answer."""
    service, place = _endpoint(world, target, region)
    if _is_down(world.resources, place, service):
        lives = "is managed from" if baseline.home_regions().get(service) == place else "is asked in"
        raise RefusedError("ServiceUnavailable", f"{service} {lives} {place}, which doesn't answer")


def _is_down(resources: Mapping[str, Thing], region: str, service: str) -> bool:
    return outage_record(region)[0] in resources or outage_record(region, service)[0] in resources


def _endpoint(world: World, target: Target, region: str) -> tuple[str, str]:
    """The service that a call goes to, and the region that must be there for it."""
    if target.type.startswith("kubernetes:"):
        cluster = world.resolve("eksCluster*", region, "")
        return "kubernetes", "" if cluster is None else cluster.region
    service = target.type.split(":")[1].split("/")[0]
    own = reveal_top(target.provider.get("region"))
    return service, region or baseline.home_regions().get(service) or str(own or "")
