"""Availability zones of the account: which id each letter stands for, and what some zones lack.

An id is the same zone in every account; its letter isn't. `baseline.yaml` has one account's letters, and a record in
the cloud may have another's.
"""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.cloud import baseline
from rehearsal.cloud.inventory import ZONES, Inventory, resource_key
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.cloud.types.formats import attributes, values_at
from rehearsal.values import Values


def zones_record(region: str, letters: Mapping[str, str]) -> tuple[str, CloudResource]:
    """Key and record of an account in which letters stand for these ids."""
    return resource_key(ZONES, region, region), CloudResource(ZONES, region, region, "", dict(letters), {})


def zones_of(inventory: Inventory, region: str) -> Mapping[str, str]:
    """Ids of the zones of a region, by letter."""
    record = inventory.resources.get(resource_key(ZONES, region, region))
    return baseline.region_facts(region)["zones"] if record is None else record.inputs


def zones_must_have(inventory: Inventory, type_: str, values: Values, region: str) -> None:
    """Raises RefusedError for a resource with a subnet in a zone that lacks what it needs there."""
    lacking = baseline.lacking_zones().get(type_)
    if lacking is None:
        return
    letters = zones_of(inventory, region)
    for path, value in values_at(values, lacking["subnets"]):
        subnet = inventory.resolve("subnet", str(value), region)
        name = "" if subnet is None else str(attributes(subnet).get("availabilityZone"))
        if (zone := letters.get(name.removeprefix(region))) in lacking["zones"]:
            raise RefusedError(
                lacking["code"], f"{path}: {value} is in {name}, which is {zone} and isn't supported"
            )
