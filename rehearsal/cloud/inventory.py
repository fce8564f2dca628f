"""Inventory of the resources that exist, and of the references between them.

The resources are in a dictionary that the caller owns and changes. `World` keeps indexes over it, so that a look-up
costs no more as it grows.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from itertools import islice, product
from operator import is_
from typing import Any

from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import ACCOUNT, Scope, attributes, fill, value_at, values_at
from rehearsal.cloud.types.schema import Schemas, UnknownTypeError
from rehearsal.cloud.types.type_table import TypeRow, type_row, types_by_kind
from rehearsal.values import Values

DELETIONS = "gone"  # type of the record of how often a URN's resource was deleted; no resource
RETAINED = "kept"  # prefix of the key of a resource that AWS retains after its deletion
RELEASED = "__letGo"  # output of a resource that belongs to no stack any longer
OUTAGE = "down"  # type of the record of a service's outage in a region; no resource
ZONES = "zones"  # type of the record of what zones' letters stand for in a region; no resource
QUOTAS = "quotas"  # type of the record of what quotas of a region were raised to; no resource


def resource_key(type_: str, region: str, id_: str) -> str:
    """Key of a resource in the dictionary of resources."""
    return f"{type_}|{region}|{id_}"


class Inventory:
    """The existing resources by key, type, ARN, URN and name, and the references between them."""

    def __init__(self, resources: Mapping[str, CloudResource], schemas: Schemas) -> None:
        self.resources = resources
        self._schemas = schemas
        self._rows: dict[str, TypeRow] = {}
        self._seen: dict[str, CloudResource] = {}  # as they were indexed, in the dictionary's order
        self._types: dict[str, dict[str, None]] = {}
        self._arns: dict[str, str] = {}
        self._along: dict[str, str] = {}  # key of a resource that AWS made with another: the other's key
        self._owned: dict[str, dict[str, None]] = {}
        self._names: dict[str, str] = {}
        self._users: dict[
            str, dict[str, str]
        ] = {}  # key: {key of a dependent: the property that refers to it}
        self._uses: dict[str, list[str]] = {}

    def row(self, token: str) -> TypeRow:
        """Row of a type in the type table, completed from its schema."""
        if token not in self._rows:
            try:
                schema = self._schemas.of(token)
            except UnknownTypeError:
                schema = None
            self._rows[token] = type_row(token, schema)
        return self._rows[token]

    # ---- the indexes ---------------------------------------------------------------------------------

    def sync(self) -> None:
        """Indexes the changes made to the dictionary since the last call. Every verb begins with it.

        Resources are compared by identity, and both dictionaries keep their order, so that the usual case, a few
        resources added at the end, costs next to nothing.
        """
        resources, seen = self.resources, self._seen
        if len(resources) >= len(seen) and all(map(is_, resources.values(), seen.values())):
            changed = dict(islice(resources.items(), len(seen), None))
        else:
            for at in [at for at in seen if at not in resources]:
                self._forget(at)
            changed = {at: resource for at, resource in resources.items() if seen.get(at) is not resource}
        for at, resource in changed.items():
            if at in seen:
                self._forget(at, seen[at])
            self._index(at, resource)
        for at, resource in changed.items():
            self._connect(at, resource)

    def _index(self, at: str, resource: CloudResource) -> None:
        self._seen[at] = resource
        if not _exists(at):
            return
        self._types.setdefault(resource.type, {})[at] = None
        self._owned.setdefault(resource.urn, {})[at] = None
        for index, name in self._claims(resource):
            index.setdefault(name, at)

    def _claims(self, resource: CloudResource) -> Iterator[tuple[dict[str, str], str]]:
        """Names by which a resource is found, each with its index."""
        row = self.row(resource.type)
        known = attributes(resource)
        if isinstance(arn := known.get("arn"), str) and (row.arn or not resource.urn):
            yield self._arns, arn
        for path, kind in row.also.items():
            if made := value_at(known, path):
                for type_ in types_by_kind()[kind]:
                    yield self._along, resource_key(type_, resource.region, made)
        for name in self.unique_names(resource.type, resource.region, known):
            yield self._names, name

    def _connect(self, at: str, resource: CloudResource) -> None:
        if not _exists(at):
            return
        for path, kind, value in self.references(resource.type, attributes(resource)):
            target = None if "~" in kind else self.resolve(kind, value, resource.region)
            if target is not None and (to := key_of(target)) != at:
                self._users.setdefault(to, {}).setdefault(at, path)
                self._uses.setdefault(at, []).append(to)

    def _forget(self, at: str, replaced: CloudResource | None = None) -> None:
        resource = replaced or self._seen.pop(at)
        if not _exists(at):
            return
        self._types[resource.type].pop(at, None)
        self._owned[resource.urn].pop(at, None)
        for index, name in self._claims(resource):
            if index.get(name) == at:
                del index[name]
        for to in self._uses.pop(at, ()):
            self._users.get(to, {}).pop(at, None)

    # ---- look-ups ------------------------------------------------------------------------------------

    def get(self, type_: str, region: str, id_: str) -> CloudResource | None:
        return self.resources.get(resource_key(type_, region, id_))

    def of_type(self, type_: str) -> Iterator[CloudResource]:
        """Existing resources of a type."""
        return (self.resources[at] for at in self._types.get(type_, ()) if at in self.resources)

    def owned_by(self, urn: str) -> list[CloudResource]:
        """Existing resources of a URN: two while it is being replaced."""
        return [self.resources[at] for at in self._owned.get(urn, ()) if at in self.resources]

    def dependents(self, at: str) -> list[tuple[CloudResource, str]]:
        """Resources that refer to a resource, each with the property that does."""
        users = self._users.get(at, {})
        return [(self.resources[user], path) for user, path in users.items() if user in self.resources]

    def name_holder(self, name: str) -> CloudResource | None:
        """Resource that has a unique name (one of `unique_names`)."""
        at = self._names.get(name)
        return None if at is None else self.resources.get(at)

    def unique_names(self, type_: str, region: str, values: Values) -> Iterator[str]:
        """Names that only one resource may have, as one text each: of a list every item is one."""
        for paths, scope in self.row(type_).unique.items():
            parts = [value_at(values, path) for path in paths.split("+")]
            for one in map(list, product(*(part if isinstance(part, list) else [part] for part in parts))):
                if any(part not in (None, "") for part in one):
                    yield f"{type_}|{region if scope == 'region' else scope}|{paths}|{one}"

    def references(self, type_: str, values: Values) -> Iterator[tuple[str, str, str]]:
        """References in a resource's properties: the path, the kind that is referred to, and the id or ARN."""
        for path, kind in self.row(type_).refs.items():
            for exact, value in values_at(values, path):
                if isinstance(value, str) and value:
                    yield exact, _with_region(kind, exact, values), value

    def types_of_kind(self, kind: str) -> list[str]:
        """Types that a reference of a kind may lead to."""
        return _targets(kind)[0]

    def resolve(self, kind: str, value: str, region: str) -> CloudResource | None:
        """Resource that an id or ARN refers to, from a resource in a region. None if there is none."""
        types, place = _targets(kind)
        place = place or region or "*"
        if value.startswith("arn:"):
            at = self._arns.get(value) or self._arns.get(_container_arn(value))
            resource = None if at is None else self.resources.get(at)
            fits = (
                resource is not None
                and (not types or resource.type in types)
                and place in ("*", resource.region or place)
            )
            return resource if fits else None
        return next((resource for type_ in types if (resource := self._by_id(type_, place, value))), None)

    def _by_id(self, type_: str, region: str, id_: str) -> CloudResource | None:
        for at in (resource_key(type_, region, id_), resource_key(type_, "", id_)):
            if (found := self.resources.get(self._along.get(at, at))) is not None:
                return found
        if region == "*":
            return next((resource for resource in self.of_type(type_) if resource.id == id_), None)
        return None

    def in_any_region(self, kind: str, value: str) -> CloudResource | None:
        """Resource that an id or ARN refers to in any region, for a message about a wrong one."""
        return self.resolve(kind.partition("@")[0].rstrip("*~") + "*", value, "")

    def deleted_owner(self, name: str) -> str | None:
        """URN of a deleted resource, by its id or ARN."""
        for at, record in self.resources.items():
            if at.startswith(f"{DELETIONS}|") and name in (record.inputs.get("id"), record.inputs.get("arn")):
                return record.urn
        return None

    def peered(self, *vpcs: str) -> bool:
        """Returns whether a peering connection joins the VPCs."""
        ends = ("vpcId", "peerVpcId")
        return any(
            {*vpcs} == {attributes(resource).get(end) for end in ends}
            for type_ in types_by_kind()["peering"]
            for resource in self.of_type(type_)
        )

    def gather(self, query: Mapping[str, Any], scope: Scope) -> Iterator[CloudResource]:
        """Resources that a query of the type table finds: `of` a type, `where` property: format."""
        wanted = {path: fill(form, scope) for path, form in query.get("where", {}).items()}
        others = {path: fill(form, scope) for path, form in query.get("other", {}).items()}
        for resource in self.of_type(query["of"]):
            if query.get("in") == "here" and resource.region != scope.region:
                continue
            known = attributes(resource)
            if all(
                (value_at(known, path) or None) == (value or None) for path, value in wanted.items()
            ) and all(value_at(known, path) != value for path, value in others.items()):
                yield resource

    def deletions(self, urn: str) -> int:
        record = self.resources.get(f"{DELETIONS}||{urn}")
        return 0 if record is None else record.inputs["times"]


def key_of(resource: CloudResource) -> str:
    return resource_key(resource.type, resource.region, resource.id)


@functools.cache
def _targets(kind: str) -> tuple[list[str], str]:
    """Types that a reference of a kind may lead to, and the region: '' for its own, '*' for any.

    The kind `any` leads to whatever has the ARN.
    """
    names, _, place = kind.rstrip("~").partition("@")
    types = [
        type_ for name in names.rstrip("*").split("|") if name != "any" for type_ in types_by_kind()[name]
    ]
    return types, "*" if names.endswith("*") else place


def _with_region(kind: str, path: str, values: Values) -> str:
    """Kind of a reference, with the region that is named beside it: `key@.region` in `replicas[0].kmsKeyId`."""
    name, _, beside = kind.partition("@.")
    if not beside:
        return kind
    region = value_at(values, f"{path.rpartition('.')[0]}.{beside}")
    return f"{name}@{region}" if isinstance(region, str) else f"{name}*"


def _container_arn(arn: str) -> str:
    """ARN of the container: of the bucket for its objects', of the log group for its streams'."""
    return arn.split("/", 1)[0] if arn.startswith("arn:aws:s3:::") else arn.removesuffix(":*")


def of_other_account(value: str) -> bool:
    """Returns whether an ARN belongs to another account, of which this cloud knows nothing."""
    parts = value.split(":")
    return len(parts) > 5 and parts[0] == "arn" and parts[4] not in ("", "aws", ACCOUNT)


def _exists(at: str) -> bool:
    return not at.startswith((f"{DELETIONS}|", f"{RETAINED}|", f"{OUTAGE}|", f"{ZONES}|", f"{QUOTAS}|"))
