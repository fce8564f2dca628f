"""`docs/data.md`: where each data set is, what becomes of it, and who may read it, from settings and graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.values import parts
from settings import Platform as Facts
from tests.stacks.platform import Platform
from tests.stacks.test_invariants import region_of

STORES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data_page.yaml").read_text()
)["stores"]
GROUP_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
USER_GROUP = "aws:elasticache/userGroup:UserGroup"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
HEAD = """# Where the data is

Made by `make data-page` from `castle:datasets`, the graph of all stacks and `tests/stacks/data_page.yaml`; a test
holds it to them. RPO is what may be lost when a region is lost, RTO how long the data is away then.

"""
COLUMNS = (
    "data set",
    "class",
    "residency",
    "store",
    "homes",
    "RPO",
    "RTO",
    "fails over by",
    "may be read by",
)


@dataclass(frozen=True)
class Kept:
    """One data set in one kind of store: every thing that holds a copy of it there."""

    dataset: str
    store: str
    holders: list[Resource]


def page(facts: Facts, platform: Platform) -> str:
    """The whole page."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *_rows(facts, platform)]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def untold(platform: Platform) -> list[str]:
    """The URNs of stores that don't say by their tags which data set they hold."""
    return [it.urn for _, it in _stores(platform) if "data-set" not in it.inputs.get("tags", {})]


def _rows(facts: Facts, platform: Platform) -> Iterator[tuple[str, ...]]:
    for name, dataset in sorted(facts.datasets.items()):
        kept = list(_kept(name, platform))
        for each in kept:
            told = _told(each, platform)
            homes = dict.fromkeys(region_of(it, platform) for it in each.holders)
            yield (
                *(name, dataset.data_class, dataset.residency, each.store, ", ".join(homes)),
                *(told[key].format_map(dict(facts.budgets)) for key in ("rpo", "rto", "moves")),
                ", ".join(sorted(_readers(each, platform))) or "nobody yet",
            )
        if not kept:
            yield (name, dataset.data_class, dataset.residency, *["nothing yet"], *["-"] * 5)


def _stores(platform: Platform) -> Iterator[tuple[str, Resource]]:
    """Every resource that holds data, with the kind of store that it belongs to."""
    kinds = {type_: store for store, about in STORES.items() for type_ in about["types"]}
    for _, resource in platform.resources():
        if resource.type in kinds:
            yield kinds[resource.type], resource


def _kept(dataset: str, platform: Platform) -> Iterator[Kept]:
    for store in STORES:
        holders = [
            it
            for kind, it in _stores(platform)
            if kind == store and it.inputs.get("tags", {}).get("data-set") == dataset
        ]
        if holders:
            yield Kept(dataset, store, holders)


def _told(kept: Kept, platform: Platform) -> Mapping[str, str]:
    about = STORES[kept.store]
    copied = any(
        _names(other, it) or _names(it, other) for other in platform.of(about["by"]) for it in kept.holders
    )
    return about["copied" if copied else "alone"]


def _readers(kept: Kept, platform: Platform) -> set[str]:
    """Whom the groups, users and policies of all holders let in, and the roles that name them, in words."""
    door = STORES[kept.store].get("door", "")
    return {
        who
        for holder in kept.holders
        for it in (holder, *(each for each in platform.of(door) if _names(each, holder)))
        for who in _let_in(it, platform)
    } | set(_pullers(kept, platform))


def _pullers(kept: Kept, platform: Platform) -> Iterator[str]:
    """The roles that a managed policy lets read every holder."""
    if policy := STORES[kept.store].get("pulled_by"):
        for attachment in platform.of(ATTACHMENT):
            if str(attachment.inputs["policyArn"]).endswith(f"/{policy}"):
                yield f"role {urns.name_of(attachment.urn)}"


def _let_in(holder: Resource, platform: Platform) -> Iterator[str]:
    reached = _texts(holder)
    for rule in platform.of(GROUP_RULE):
        if rule.inputs["securityGroupId"] in reached:
            of_others = "cidrIpv4" in rule.inputs
            yield (
                "app subnets of other cells"
                if of_others
                else rule.inputs["description"].removeprefix("From ")
            )
    for group in platform.of(USER_GROUP):
        if _names(holder, group):
            yield from (f"user {user}" for user in group.inputs["userIds"])
    for policy in platform.of(BUCKET_POLICY):
        if _names(policy, holder):
            yield from _principals(policy)
    for policy in platform.of(ROLE_POLICY):
        if str(holder.outputs.get("arn")) in str(policy.inputs["policy"]):
            yield f"role {urns.name_of(policy.urn)}"


def _principals(policy: Resource) -> Iterator[str]:
    """The services that a bucket's policy lets read."""
    for statement in json.loads(policy.inputs["policy"])["Statement"]:
        if statement["Effect"] == "Allow" and "s3:GetObject" in statement["Action"]:
            yield statement["Principal"]["Service"]


def _names(one: Resource, other: Resource) -> bool:
    """Returns whether one names the other in its inputs."""
    known = {other.id, str(other.outputs.get("arn", other.id)), str(other.outputs.get("name", other.id))}
    return bool(known & _texts(one))


def _texts(resource: Resource) -> set[str]:
    return {part for part in parts(resource.inputs) if isinstance(part, str)}
