"""Edits of one stack's records: delete, rename, protect, taint. Each returns the records as they are afterwards.

Nothing in the cloud changes by them. What is refused, and in which words, is as the CLI does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from rehearsal.engine import records, urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.records import Resource
from rehearsal.engine.state_edits.lookup import located, not_found

_AMBIGUOUS = "The input URN ambiguously refers to multiple resources"


def delete(
    resources: Iterable[Resource],
    named: Sequence[str] | None,
    *,
    force: bool = False,
    target_dependents: bool = False,
) -> list[Resource]:
    """Deletes the named resources from the records, or all, those that depend on others first.

    `force` takes protected ones, too, and `target_dependents` what depends on them. Raises FailedError for a URN
    that isn't there, for a protected resource, and for one on which another depends that isn't deleted.
    """
    kept = records.in_dependency_order(resources)
    condemned = {one.key for one in (kept if named is None else [located(kept, urn) for urn in named])}
    for one in reversed(kept):
        if one.key not in condemned:
            continue
        along = dependents(kept, one)
        if not force:
            _must_be_unprotected([one])
        if along and not target_dependents:
            raise _needed(one, along)
        if not force:
            _must_be_unprotected(along)
        gone = {one.key, *(each.key for each in along)}
        kept = [each for each in kept if each.key not in gone]
    return kept


def dependents(ordered: Sequence[Resource], condemned: Resource) -> list[Resource]:
    """Resources that depend on one and on nothing that could stand for it, directly or not, in their order.

    While a predecessor with the same URN awaits its deletion, nothing depends on either alone, but for what names
    a provider: a reference to it has its id, too.
    """
    copies = Counter(one.urn for one in ordered)
    found: list[Resource] = []
    providers: set[str] = set()

    def take(one: Resource) -> None:
        copies[one.urn] -= 1
        providers.add(f"{one.urn}::{one.id}")

    take(condemned)
    for one in ordered:
        if one.key == condemned.key:
            continue
        needed = replace(one, provider="").needs()
        if one.provider in providers or any(urn in copies and not copies[urn] for urn in needed):
            found.append(one)
            take(one)
    return found


def rename(resources: Iterable[Resource], urn: str, name: str) -> list[Resource]:
    """Renames a resource, and rewrites what refers to it, the references to a provider included.

    Raises FailedError for a URN that isn't there, for a name that is taken, and if a predecessor of the resource, or
    of one that is in it, awaits its deletion.
    """
    known = list(resources)
    if not urns.is_valid(urn):
        raise FailedError("The provided input URN is not valid")
    existing = [resource for resource in known if resource.urn == urn]
    if not existing:
        raise not_found(known, [urn])
    if len(existing) > 1:
        raise FailedError(_AMBIGUOUS)
    new = urn.removesuffix(urns.name_of(urn)) + name
    if new == urn:
        return known
    if any(resource.urn == new for resource in known):
        raise FailedError("The chosen new urn for the state corresponds to an already existing resource")
    times = Counter(resource.urn for resource in known)
    if child := next((it.urn for it in known if it.parent == urn and times[it.urn] > 1), None):
        raise FailedError(f"failed to update {child} with new parent {new}: {_AMBIGUOUS}")
    return [
        replace(resource, urn=new) if resource.urn == urn else resource.renamed({urn: new})
        for resource in known
    ]


def marked(resources: Iterable[Resource], named: Collection[str] | None, **marks: bool) -> list[Resource]:
    """Sets marks, such as `protect` and `taint`, of the named resources, or of all.

    What awaits its deletion is left as it is. Raises FailedError, with all of them, for URNs that aren't there.
    """
    known = list(resources)
    living = [resource for resource in known if not resource.pending_deletion]
    there = {resource.urn for resource in living}
    if missing := [urn for urn in named or () if urn not in there]:
        raise not_found(living, missing)
    return [
        replace(resource, **marks)
        if not resource.pending_deletion and (named is None or resource.urn in named)
        else resource
        for resource in known
    ]


def _must_be_unprotected(condemned: Iterable[Resource]) -> None:
    for one in condemned:
        if one.protect:
            raise FailedError(
                f"{one.urn} can't be safely deleted because it is protected. "
                "Re-run this command with --force to force deletion",
                one.urn,
            )


def _needed(condemned: Resource, along: Iterable[Resource]) -> FailedError:
    quoted = ((f'"{one.name}"', one.urn) for one in along)
    lines = [f" * {name:<15} ({urn})" for name, urn in quoted]
    return FailedError(
        f"{condemned.urn} can't be safely deleted because the following resources depend on it:\n"
        + "\n".join(lines)
        + "\n\nDelete those resources first or pass --target-dependents.",
        condemned.urn,
    )
