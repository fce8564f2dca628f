"""Outages of a region, or of one service in it, and the calls that fail for them."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.cloud import baseline
from rehearsal.cloud.inventory import OUTAGE, Inventory, resource_key
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError, ResourceIdentity
from rehearsal.values import reveal_top

ALL_SERVICES = "*"


def outage_record(region: str, service: str = ALL_SERVICES) -> tuple[str, CloudResource]:
    """Key and record that the cloud holds during an outage of a service (`rds`) in a region."""
    return resource_key(OUTAGE, region, service), CloudResource(OUTAGE, service, region, "", {}, {})


def is_unreachable(inventory: Inventory, target: ResourceIdentity, region: str) -> bool:
    """Returns whether an outage makes a call about the target fail; `region` is the resource's, '' for a
    global one.
    """
    service, place = _endpoint(inventory, target, region)
    return is_lost(inventory.resources, place, service)


def must_be_reachable(inventory: Inventory, target: ResourceIdentity, region: str) -> None:
    """Raises RefusedError if an outage makes a call about the target fail."""
    service, place = _endpoint(inventory, target, region)
    if is_lost(inventory.resources, place, service):
        lives = "is managed from" if baseline.home_regions().get(service) == place else "is asked in"
        raise RefusedError("ServiceUnavailable", f"{service} {lives} {place}, which doesn't answer")


def is_lost(resources: Mapping[str, CloudResource], region: str, service: str) -> bool:
    """Returns whether a service doesn't answer in a region."""
    return outage_record(region)[0] in resources or outage_record(region, service)[0] in resources


def _endpoint(inventory: Inventory, target: ResourceIdentity, region: str) -> tuple[str, str]:
    """Service that a call goes to, and the region in which it must answer."""
    if target.type.startswith("kubernetes:"):
        cluster = inventory.resolve("eksCluster*", region, "")
        return "kubernetes", "" if cluster is None else cluster.region
    service = target.type.split(":")[1].split("/")[0]
    own = reveal_top(target.provider.get("region"))
    return service, region or baseline.home_regions().get(service) or str(own or "")
