"""Resources that exist before the platform, and the facts about AWS's regions: `baseline.yaml`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from rehearsal.cloud.inventory import key_of
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.cloud.types.type_table import load_yaml


@functools.cache
def _data() -> dict[str, Any]:
    return load_yaml(Path(__file__).with_name("baseline.yaml"))


def regions() -> dict[str, dict[str, Any]]:
    """Regions of this cloud, with their zones and the hosted zone ids of AWS's services."""
    return _data()["regions"]


def region_facts(region: str) -> dict[str, Any]:
    """Facts about one region. Raises RefusedError for one that this cloud doesn't have."""
    if not region:
        raise RefusedError("MissingRegion", "neither the provider nor the inputs name a region")
    if region not in regions():
        known = ", ".join(regions())
        raise RefusedError("InvalidRegion", f"{region} is no region of this cloud; it has {known}")
    return regions()[region]


def home_regions() -> dict[str, str]:
    """Region from which each global service is managed."""
    return _data()["homes"]


def lacking_zones() -> dict[str, dict[str, Any]]:
    """Types that some zones don't have: the path of their subnets, the zones, AWS's code."""
    return _data()["lackingZones"]


def caller() -> str:
    """Name of the role that runs the program."""
    return _data()["caller"]


def raised_quotas(region: str) -> dict[str, float]:
    """Quotas that were raised in a region before the program came, by service and code; '' for the account's."""
    return _data()["raisedQuotas"].get(region or "account", {})


def resources() -> dict[str, CloudResource]:
    """Resources that exist before the platform, by key."""
    found: dict[str, CloudResource] = {}
    for type_, items in _data()["resources"].items():
        for item in items:
            outputs = {name: value for name, value in item.items() if name != "id"}
            resource = CloudResource(type_, item["id"], item.get("region", ""), "", {}, outputs)
            found[key_of(resource)] = resource
    for path in _data()["managedPolicies"]:
        arn = f"arn:aws:iam::aws:policy/{path}"
        policy = CloudResource(
            "aws:iam/policy:Policy", arn, "", "", {}, {"arn": arn, "name": path.rsplit("/", 1)[-1]}
        )
        found[key_of(policy)] = policy
    return found
