"""Outages: which services don't answer in which region, and who needs them."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.cloud import baseline
from rehearsal.cloud.inventory import DOWN, World, key
from rehearsal.cloud.provider_verbs import RefusedError, Target, Thing
from rehearsal.values import reveal_top

EVERYTHING = "*"


def outage(region: str, service: str = EVERYTHING) -> tuple[str, Thing]:
    """What the cloud holds, and under which key, for as long as a service (`rds`) in a region doesn't answer."""
    return key(DOWN, region, service), Thing(DOWN, service, region, "", {}, {})


def silent(world: World, target: Target, region: str) -> bool:
    """Whether a call about the target fails; `region` is the resource's, '' for a global one."""
    service, place = _needed(world, target, region)
    return _down(world.resources, place, service)


def must_answer(world: World, target: Target, region: str) -> None:
    """Raises RefusedError if a call about the target fails for want of an answer."""
    service, place = _needed(world, target, region)
    if _down(world.resources, place, service):
        lives = "is managed from" if baseline.homes().get(service) == place else "is asked in"
        raise RefusedError("ServiceUnavailable", f"{service} {lives} {place}, which doesn't answer")


def _down(resources: Mapping[str, Thing], region: str, service: str) -> bool:
    return outage(region)[0] in resources or outage(region, service)[0] in resources


def _needed(world: World, target: Target, region: str) -> tuple[str, str]:
    """The service that a call goes to, and the region that must be there for it."""
    if target.type.startswith("kubernetes:"):
        cluster = world.resolve("eksCluster*", region, "")
        return "kubernetes", "" if cluster is None else cluster.region
    service = target.type.split(":")[1].split("/")[0]
    own = reveal_top(target.provider.get("region"))
    return service, region or baseline.homes().get(service) or str(own or "")
