"""Refusals of creates, updates and deletions: dependency violations, taken names, deletion protection and others.

Each has the error code and the words of the AWS service.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rehearsal.cloud.inventory import RELEASED, Inventory, key_of, of_other_account
from rehearsal.cloud.lifecycle.principals import missing_principals
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError, ResourceIdentity
from rehearsal.cloud.types.formats import ACCOUNT, Scope, attributes, fill, value_at, values_at
from rehearsal.cloud.types.syntax import lies_in
from rehearsal.cloud.types.type_table import Refusal
from rehearsal.values import Values

_NOTHING = (None, "", [])


def references_must_exist(inventory: Inventory, type_: str, values: Values, region: str) -> None:
    """Raises RefusedError for a reference to a resource that doesn't exist, or not where it must."""
    for path, kind, value in inventory.references(type_, values):
        if not of_other_account(value) and inventory.resolve(kind, value, region) is not None:
            continue
        types = inventory.types_of_kind(kind)
        if any(value.startswith(inventory.row(type_).builtin) for type_ in types):
            continue
        name, _, wanted = kind.rstrip("*~").partition("@")
        code = inventory.row(types[0]).lost if types else "ResourceNotFoundException"
        name = "thing" if name == "any" else name.replace("|", " or ")
        raise RefusedError(
            code, f"{path}: {name} {value} {_whereabouts(inventory, kind, value, wanted or region)}"
        )


def _whereabouts(inventory: Inventory, kind: str, value: str, wanted: str) -> str:
    """Place of a resource that isn't where a reference needs it, for a message."""
    if of_other_account(value):
        return f"is in account {value.split(':')[4]}, and this is account {ACCOUNT}"
    if (resource := inventory.in_any_region(kind, value)) is not None:
        return f"is in {resource.region}, not in {wanted}; {ownership(resource)}"
    if (urn := inventory.deleted_owner(value)) is not None:
        return f"was deleted; it belonged to {urn}"
    return "doesn't exist" + in_region(wanted)


def references_must_share_a_vpc(inventory: Inventory, type_: str, values: Values, region: str) -> None:
    """Raises RefusedError for references into more than one VPC where AWS wants one."""
    if not inventory.row(type_).together:
        return
    found: dict[
        str, tuple[str, CloudResource, frozenset[str]]
    ] = {}  # path: the reference, its resource, its VPCs
    for path, kind, value in inventory.references(type_, values):
        resource = inventory.resolve(kind, value, region)
        if resource is not None and (vpcs := _vpcs(inventory, resource)):
            found[path] = value, resource, vpcs
    for group in inventory.row(type_).together:
        paths = [path for path in found if re.sub(r"\[\d+\]", "", path) in group.paths]
        for path in paths[1:]:
            (first, _, vpcs), (other, resource, others) = found[paths[0]], found[path]
            if vpcs & others or (group.peered and inventory.peered(*vpcs, *others)):
                continue
            here, there = " and ".join(sorted(vpcs)), " and ".join(sorted(others))
            raise RefusedError(
                group.code,
                f"{path}: {other} is in {there}, and {paths[0]} {first} in {here}; {ownership(resource)}",
            )


def _vpcs(inventory: Inventory, resource: CloudResource) -> frozenset[str]:
    """VPCs of a resource: two for a peering connection, none for most."""
    found = (value_at(attributes(resource), path) for path in inventory.row(resource.type).vpc.split("+"))
    return frozenset(vpc for vpc in found if isinstance(vpc, str))


def principals_must_exist(inventory: Inventory, type_: str, values: Values) -> None:
    """Raises RefusedError for a policy that names a user or role which doesn't exist."""
    for path, code in inventory.row(type_).principals.items():
        for exact, policy in values_at(values, path):
            for name in missing_principals(policy, inventory):
                gone = inventory.deleted_owner(name)
                why = f"was deleted; it belonged to {gone}" if gone else "doesn't exist"
                raise RefusedError(code, f"{exact}: the principal {name} {why}")


def id_must_be_free(inventory: Inventory, resource: CloudResource) -> None:
    """Raises RefusedError if a resource of that id exists already.

    A put writes over it, as AWS does, unless it belongs to another URN: that is refused, because each of the two
    would undo what the other wrote.
    """
    other = inventory.get(resource.type, resource.region, resource.id)
    row = inventory.row(resource.type)
    if other is None or (row.put and (other.urn in {"", resource.urn} or RELEASED in other.outputs)):
        return
    raise RefusedError(
        row.taken, f"{resource.id} exists already{in_region(resource.region)}; {ownership(other)}"
    )


def names_must_be_free(inventory: Inventory, resource: CloudResource) -> None:
    """Raises RefusedError if another resource has a name that must be unique."""
    for name in inventory.unique_names(resource.type, resource.region, attributes(resource)):
        other = inventory.name_holder(name)
        if other is not None and key_of(other) != key_of(resource):
            paths, values = name.split("|")[2:4]
            code = inventory.row(resource.type).taken
            raise RefusedError(code, f"{paths.replace('+', ', ')} {values} is taken; {ownership(other)}")


def must_have_no_dependents(inventory: Inventory, resource: CloudResource) -> None:
    """Raises RefusedError while other resources refer to the resource: a dependency violation."""
    row = inventory.row(resource.type)
    users = [
        (user, path)
        for user, path in inventory.dependents(key_of(resource))
        if row.holders is None or user.type in row.holders
    ]
    if users:
        user, path = users[0]
        others = f", and {len(users) - 1} more" if len(users) > 1 else ""
        raise RefusedError(row.inuse, f"{resource.id} is in use by {user.urn or user.id} ({path}){others}")


def must_be_empty(inventory: Inventory, resource: CloudResource) -> list[CloudResource]:
    """Contents that are deleted with the resource. Raises RefusedError if they must be deleted first."""
    kind = inventory.row(resource.type).contents
    if kind is None:
        return []
    inside = [
        one
        for one in inventory.of_type(kind.of)
        if one.region == resource.region and attributes(one).get(kind.by) == resource.id
    ]
    if inside and value_at(attributes(resource), kind.unless) is not True:
        more = f" and {len(inside) - 1} more" if len(inside) > 1 else ""
        raise RefusedError(kind.code, f"{resource.id} isn't empty: it has {inside[0].id}{more}")
    return inside


def must_have_no_deletion_protection(inventory: Inventory, resource: CloudResource) -> None:
    """Raises RefusedError while AWS's own deletion protection is on."""
    row = inventory.row(resource.type)
    if row.lock and value_at(attributes(resource), row.lock) is True:
        raise RefusedError(
            row.locked, f"{resource.id} can't be deleted while its {row.lock} is on; turn it off first"
        )


def no_refusal_of_the_type_may_hold(
    inventory: Inventory,
    target: ResourceIdentity,
    verb: str,
    scope: Scope,
    *,
    own: str = "",
    changed: Collection[str] = (),
) -> None:
    """Raises RefusedError in the cases that the type's row lists. `own`: the key of the resource itself."""
    for case in inventory.row(target.type).refuse:
        verbs = ("create", "update") if case.verb == "put" else (case.verb,)
        if verb not in verbs or (case.changed and not set(case.changed) & set(changed)):
            continue
        if _holds(inventory, case, scope, own):
            which = next((path for path in case.any if value_at(scope.values, path) not in _NOTHING), "")
            raise RefusedError(case.code, str(fill(case.say.replace("{which}", which), scope)))


def _holds(inventory: Inventory, case: Refusal, scope: Scope, own: str) -> bool:
    def finds(query: Mapping[str, Any], least: int = 1) -> bool:
        return sum(key_of(resource) != own for resource in inventory.gather(query, scope)) >= least

    before = attributes(inventory.resources[own]) if case.was else {}
    return (
        scope.region != (case.outside or None)
        and any(_has_it(case, block, scope) for block in _blocks(case, scope))
        and all(value_at(before, path) == value for path, value in case.was.items())
        and (case.some is None or finds(case.some, case.least))
        and (case.none is None or not finds(case.none))
    )


def _blocks(case: Refusal, scope: Scope) -> Iterator[Values]:
    """Blocks to which the paths of a case belong: each of its own, or all that there is."""
    if not case.each:
        yield scope.values
        return
    for _, found in values_at(scope.values, case.each):
        yield from (
            block for block in (found if isinstance(found, list) else [found]) if isinstance(block, dict)
        )


def _has_it(case: Refusal, block: Values, scope: Scope) -> bool:
    """Returns whether a block's own values are those of which a case speaks."""

    def has(path: str) -> bool:
        return value_at(block, path) not in _NOTHING

    def found(path: str) -> list[Any]:
        return [scope.region] if path == "region" else [value for _, value in values_at(block, path)]

    def matches(path: str, pattern: str) -> bool:
        return all(re.fullmatch(pattern, str(value)) for value in found(path))

    return (
        all(has(path) for path in case.given)
        and not any(has(path) for path in case.missing)
        and (not case.any or any(has(path) for path in case.any))
        and all(value_at(block, path) == value for path, value in case.equals.items())
        and not (case.unless and all(value_at(block, path) == value for path, value in case.unless.items()))
        and (
            not case.beyond
            or any(value not in allowed for path, allowed in case.beyond.items() for value in found(path))
        )
        and all(has(path) and matches(path, pattern) for path, pattern in case.like.items())
        and not any(matches(path, pattern) for path, pattern in case.unlike.items())
        and (not case.below or any(_is_below(block, path, least) for path, least in case.below.items()))
        and all(
            {value for path in paths for value in found(path)} != set(found(path))
            for path, paths in case.apart.items()
        )
        and all(_lies_outside(value_at(block, path), fill(of, scope)) for path, of in case.within.items())
        and not any(
            _are_covered(found(path), [fill(name, scope) for name in names])
            for path, names in case.uncovered.items()
        )
    )


def _is_below(block: Values, path: str, least: Any) -> bool:
    value = value_at(block, path)
    if isinstance(least, str):
        other, _, more = least.partition(" + ")
        found = value_at(block, other)
        least = found + int(more or 0) if isinstance(found, (int, float)) else None
    return least is not None and isinstance(value, (int, float)) and value < least


def _are_covered(hosts: list[Any], names: list[Any]) -> bool:
    """Returns whether a certificate's names cover all hosts: as they are, or as one step before `*.`'s domain."""
    known = {
        str(name).lower()
        for found in names
        for name in (found if isinstance(found, list) else [found])
        if name is not None
    }
    return not known or all(
        host in known or f"*.{host.partition('.')[2]}" in known
        for host in (str(one).lower() for one in hosts)
    )


def _lies_outside(part: Any, whole: Any) -> bool:
    """Returns whether a block of addresses isn't in another; False where one of them is none."""
    return isinstance(part, str) and isinstance(whole, str) and not lies_in(part, whole)


def in_region(region: str) -> str:
    """Text ` in eu-west-1`; empty for a global resource."""
    return f" in {region}" if region else ""


def ownership(resource: CloudResource) -> str:
    """Text about the URN that a resource belongs to, for a message."""
    return f"it belongs to {resource.urn}" if resource.urn else "it was there before the platform"
