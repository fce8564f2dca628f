"""Service quotas: what an account may have at most, by default or as raised, of which `quotas.yaml` has the lines.

A quota counts in a region, or in the account for a service without regions, and within that for one parent if it says
so. `baseline.yaml` has what was raised before the program came; a record in the cloud may have another account's.
https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.cloud import baseline
from rehearsal.cloud.account.usage import usage
from rehearsal.cloud.inventory import QUOTAS, Inventory, key_of, resource_key
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.cloud.types.formats import attributes, value_at
from rehearsal.cloud.types.type_table import load_yaml

_CLUSTER = "cluster"  # in `per`: whatever region an object's cluster is in


@dataclass(frozen=True, kw_only=True)
class Quota:
    """Quota of an account."""

    quota: str  # service/code, as Service Quotas has them
    name: str
    of: tuple[str, ...]  # types
    limit: float  # AWS's default
    where: Mapping[str, Any] = field(default_factory=dict)  # property: value, of those that count
    per: str = ""  # property that names the parent; `one->other` is a property of what it refers to
    amount: str = "one"  # a name in `usage.py`: how much one resource counts for
    surge: str = ""  # the same: how much more a deployment of it takes for a while
    deployed: tuple[str, ...] = ()  # inputs whose change is a deployment
    there: float = 0  # how much of it a new account has, or AWS keeps
    beside: str = ""  # another quota that counts along
    code: str  # AWS's
    say: str = ""  # AWS's words, where they are known
    call: str = ""  # botocore's service and operation that have the code


@dataclass(frozen=True)
class Need:
    """Use of a quota in one place: a region ('' for the account), and the parent if the quota has one."""

    quota: Quota
    region: str
    parent: str
    used: float


@functools.cache
def quotas() -> tuple[Quota, ...]:
    written = load_yaml(Path(__file__).with_name("quotas.yaml"))
    return tuple(
        Quota(**{**one, "of": tuple(one["of"]), "deployed": tuple(one.get("deployed", ()))})
        for one in written
    )


@functools.cache
def _by_type() -> dict[str, tuple[Quota, ...]]:
    types = {type_ for quota in quotas() for type_ in quota.of}
    return {type_: tuple(it for it in quotas() if type_ in it.of) for type_ in types}


def quotas_record(region: str, raised: Mapping[str, float]) -> tuple[str, CloudResource]:
    """Key and record of an account in which these quotas were raised, and no others."""
    return resource_key(QUOTAS, region, region), CloudResource(QUOTAS, region, region, "", dict(raised), {})


def applied(inventory: Inventory, quota: Quota, region: str) -> float:
    """Value of a quota in a region, with the one that counts along."""
    record = inventory.resources.get(resource_key(QUOTAS, region, region))
    raised = baseline.raised_quotas(region) if record is None else record.inputs
    along = [it for it in quotas() if it.quota == quota.beside][:1]
    return sum(float(raised.get(it.quota, it.limit)) for it in (quota, *along))


def quotas_must_suffice(inventory: Inventory, resource: CloudResource, changed: Collection[str] = ()) -> None:
    """Raises RefusedError for a resource, as it is to be, with which an account has more than it may.

    `changed` are the inputs that an update changes.
    """
    before = inventory.resources.get(key_of(resource))
    for quota in _by_type().get(resource.type, ()):
        amount, place = usage(quota.amount), _place(inventory, quota, resource)
        own = amount(inventory, resource)
        if set(changed) & set(quota.deployed):
            own += usage(quota.surge)(inventory, resource)
        if place is None or own <= (0 if before is None else amount(inventory, before)):
            continue
        others = sum(
            amount(inventory, one)
            for one in _counted(inventory, quota)
            if one is not before and _place(inventory, quota, one) == place
        )
        wanted, limit = quota.there + others + own, applied(inventory, quota, place[0])
        if wanted > limit:
            raise RefusedError(quota.code, _words(quota, *place, limit, wanted))


def needs(inventory: Inventory) -> Iterator[Need]:
    """Uses of all quotas by what is there, each with the largest change of one resource."""
    for quota in quotas():
        used: dict[tuple[str, str], float] = {}
        surges: dict[tuple[str, str], float] = {}
        for one in _counted(inventory, quota):
            if (place := _place(inventory, quota, one)) is None:
                continue
            used[place] = used.get(place, quota.there) + usage(quota.amount)(inventory, one)
            if quota.surge:
                surges[place] = max(surges.get(place, 0), usage(quota.surge)(inventory, one))
        yield from (Need(quota, *place, found + surges.get(place, 0)) for place, found in used.items())


def _counted(inventory: Inventory, quota: Quota) -> Iterator[CloudResource]:
    return (one for type_ in quota.of for one in inventory.of_type(type_))


def _place(inventory: Inventory, quota: Quota, resource: CloudResource) -> tuple[str, str] | None:
    """Region and parent in which a resource counts; None for one that doesn't."""
    known = attributes(resource)
    if any(value_at(known, path) != value for path, value in quota.where.items()):
        return None
    if quota.per == _CLUSTER:
        cluster = inventory.resolve("eksCluster*", resource.region, "") if resource.region else None
        return None if cluster is None else (cluster.region, "")
    if not quota.per:
        return resource.region, ""
    path, _, beyond = quota.per.partition("->")
    parent = value_at(known, path)
    if beyond and isinstance(parent, str):
        kind = inventory.row(resource.type).refs[path]
        found = inventory.resolve(kind, parent, resource.region)
        parent = None if found is None else value_at(attributes(found), beyond)
    return (resource.region, parent) if isinstance(parent, str) else None


def _words(quota: Quota, region: str, parent: str, limit: float, wanted: float) -> str:
    service, _, code = quota.quota.partition("/")
    there = f" in {region}" if region else ""
    words = f"{quota.say.replace('{limit}', f'{limit:g}')}. " if quota.say else ""
    request = (
        f"aws service-quotas request-service-quota-increase --service-code {service} --quota-code {code}"
    )
    return (
        f"{words}{quota.name}{there}{f', {parent}' if parent else ''}: {limit:g} at most, and with this it is "
        f"{wanted:g}; ask for more: {request} --desired-value {wanted:g} --region {region or 'us-east-1'}"
    )
