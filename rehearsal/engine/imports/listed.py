"""Imports of existing things: their names and ids, as `pulumi import` takes them, one by one or in a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.engine import urns
from rehearsal.engine.events import FailedError

_FIELDS: Final = {
    "type",
    "name",
    "logicalName",
    "id",
    "parent",
    "provider",
    "version",
    "properties",  # which the CLI takes, and records all inputs nevertheless
    "component",
}
Entry = Mapping[str, Any]  # of the file: what is to be imported


@dataclass(frozen=True, kw_only=True)
class Import:
    """One thing to import, or an empty component. `parent` and `provider` are URNs, '' for the usual ones."""

    urn: str
    type: str
    id: str
    parent: str
    provider: str
    version: str
    component: bool


@dataclass(frozen=True)
class Listed:
    """List of what is to be imported, and the table of URNs by which it names parents and providers."""

    entries: Sequence[Entry]
    table: Mapping[str, str]


def read(text: str) -> Listed:
    """List of a file. Raises FailedError for another form."""
    try:
        file = json.loads(text)
    except ValueError as error:
        raise FailedError(f"could not read import file: {error}") from None
    _must_be_known("the file", file, {"nameTable", "resources"})
    return Listed(file.get("resources") or [], file.get("nameTable") or {})


def imports(listed: Listed, stack: str, project: str) -> list[Import]:
    """Imports of a list, whose entries may name each other as parents, each after its parent.

    Raises FailedError for what is wrong in it, in the CLI's words.
    """
    entries, table = listed.entries, listed.table
    named = [{**entry, "name": entry.get("name") or entry.get("logicalName") or ""} for entry in entries]
    for n, entry in enumerate(named):
        _must_be_known(_described(n, entry), entry, _FIELDS)
    _raise_all(fault for n, entry in enumerate(named) for fault in _incomplete(_described(n, entry), entry))
    times = Counter(entry["name"] for entry in named)
    _raise_all(
        fault for n, it in enumerate(named) for fault in _unresolved(_described(n, it), it, table, times)
    )
    urn_of = dict(table)
    found: dict[int, Import] = {}
    while len(found) < len(named):
        waiting = [n for n in range(len(named)) if n not in found]
        ready = [n for n in waiting if not named[n].get("parent") or named[n]["parent"] in urn_of]
        if not ready:
            raise FailedError("the parents of the resources form a circle")
        for n in ready:
            one = _import(named[n], urn_of, stack, project)
            if one.urn in {*table.values(), *(other.urn for other in found.values())}:
                what = _described(n, named[n])
                raise FailedError(f"{what} has an ambiguous URN, set name (or logical name) to be unique")
            found[n] = one
            urn_of.setdefault(named[n]["name"], one.urn)
    return list(found.values())


def _import(entry: Entry, urn_of: Mapping[str, str], stack: str, project: str) -> Import:
    parent = urn_of.get(entry.get("parent", ""), "")
    name = entry.get("logicalName") or entry["name"]
    return Import(
        urn=urns.make(stack, project, parent, entry["type"], name),
        type=entry["type"],
        id=entry.get("id", ""),
        parent=parent,
        provider=urn_of.get(entry.get("provider", ""), ""),
        version=entry.get("version", ""),
        component=entry.get("component", False),
    )


def _must_be_known(what: str, given: Entry, known: set[str]) -> None:
    if strange := sorted(given.keys() - known):
        raise FailedError(f"{what}: {', '.join(strange)}: the rehearsal doesn't know it")


def _incomplete(what: str, entry: Entry) -> Iterator[str]:
    if not entry.get("type"):
        yield f"{what} has no type"
    if not entry["name"]:
        yield f"{what} has no name"
    if entry.get("type", "").startswith(urns.PROVIDER_PREFIX):
        yield f"{what} is a provider: the rehearsal imports none"
    elif not entry.get("component") and not entry.get("id"):
        yield f"{what} has no ID"
    elif entry.get("component") and entry.get("id"):
        yield f"{what} has an ID, but is marked as a component"


def _unresolved(what: str, entry: Entry, table: Mapping[str, str], times: Mapping[str, int]) -> Iterator[str]:
    parent, provider = entry.get("parent"), entry.get("provider")
    if parent and parent not in table:
        if parent not in times:
            yield f"the parent '{parent}' for {what} has no entry in 'nameTable'"
        elif times[parent] > 1:
            yield f"{what} has an ambiguous parent"
    if provider and provider not in table:
        yield f"the provider '{provider}' for {what} has no entry in 'nameTable'"
    elif provider and not urns.type_of(table[provider]).startswith(urns.PROVIDER_PREFIX):
        yield f"the provider '{provider}' for {what} is not a provider"


def _described(n: int, entry: Entry) -> str:
    which = f"'{entry['name'] or entry.get('id')}'" if entry["name"] or entry.get("id") else str(n)
    return f"resource {which}" + (f" of type '{entry['type']}'" if entry.get("type") else "")


def _raise_all(faults: Iterable[str]) -> None:
    if found := list(faults):
        raise FailedError("\n".join(found))
