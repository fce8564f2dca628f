"""Dependency chains of a stack: resources that are registered one after another, with who asks for each link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from rehearsal.engine import urns
from rehearsal.engine.records import Resource

_ASKED_BY = "asked_by"  # attribute of an edge


@dataclass(frozen=True)
class Link:
    """Link of a chain: the resource `urn` waits for `needed`.

    `asked_by` names inputs, or the options `parent`, `provider`, `deletedWith` and `depends_on`. `saves` is by how
    much the way to the chain's end gets shorter without this link alone.
    """

    urn: str
    needed: str
    asked_by: tuple[str, ...]
    saves: int


@dataclass(frozen=True)
class Chain:
    """Chain of resources by their URNs, in the order of their registrations, and the links between them.

    `alike` are the ends of other chains that go through the same types, such as those of other services.
    """

    urns: tuple[str, ...]
    links: tuple[Link, ...]
    alike: tuple[str, ...]


class Dependencies:
    """Graph of what the resources of a stack wait for before they are registered.

    What the engine adds by itself, such as default providers, makes nobody wait and is left out.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = {it.urn: it for it in resources if not urns.is_default_provider(it.urn)}
        self._graph = nx.DiGraph()
        self._graph.add_nodes_from(self._resources)
        parts = _expansions(self._resources)
        for urn, resource in self._resources.items():
            for needed, asked_by in _asked(resource, parts).items():
                if needed in self._resources and needed != urn:
                    self._graph.add_edge(needed, urn, **{_ASKED_BY: asked_by})
        self._order = list(nx.lexicographical_topological_sort(self._graph))
        self._length = self._lengths(self._order)

    @property
    def resource_count(self) -> int:
        """Number of resources of the stack."""
        return len(self._resources)

    @property
    def link_count(self) -> int:
        """Number of links of the whole stack."""
        return self._graph.number_of_edges()

    @property
    def longest(self) -> int:
        """Number of resources in the longest chain."""
        return max(self._length.values(), default=0)

    def most_needing(self, count: int) -> list[tuple[str, int]]:
        """URNs of the resources with the most links, and how many each has."""
        degrees = sorted(self._graph.in_degree, key=lambda it: (-it[1], it[0]))
        return degrees[:count]

    def chains(self, count: int) -> list[Chain]:
        """Longest chains, each through other types than those before it.

        There is at most one that ends in each component, and none in a component through which a longer one goes.
        """
        ends: dict[tuple[str, ...], list[str]] = {}  # by the types of the way
        passed: set[str] = set()  # components
        for end in sorted(self._order, key=lambda urn: (-self._length[urn], urn)):
            if self._owner(end) in passed:
                continue
            way = self._longest_way(end)
            passed.update(map(self._owner, way))
            types = tuple(map(urns.type_of, way))
            if types in ends or len(ends) < count:
                ends.setdefault(types, []).append(end)
        return [self._chain(self._longest_way(first), tuple(alike)) for first, *alike in ends.values()]

    def _owner(self, urn: str) -> str:
        resource = self._resources[urn]
        return resource.parent if resource.custom else urn

    def _lengths(self, order: Iterable[str], without: tuple[str, str] | None = None) -> dict[str, int]:
        """Length of the longest chain to each resource; `order` holds all that its resources need."""
        lengths: dict[str, int] = {}
        for urn in order:
            before = (lengths[it] for it in self._graph.pred[urn] if (it, urn) != without)
            lengths[urn] = 1 + max(before, default=0)
        return lengths

    def _longest_way(self, end: str) -> tuple[str, ...]:
        way = [end]
        while before := self._graph.pred[way[-1]]:
            way.append(min(before, key=lambda urn: (-self._length[urn], urn)))
        return tuple(reversed(way))

    def _chain(self, way: tuple[str, ...], alike: tuple[str, ...]) -> Chain:
        end = way[-1]
        needed_by_end = nx.ancestors(self._graph, end) | {end}
        order = [urn for urn in self._order if urn in needed_by_end]
        links = []
        for needed, urn in pairwise(way):
            without = self._lengths(order, without=(needed, urn))[end]
            asked_by = self._graph.edges[needed, urn][_ASKED_BY]
            links.append(Link(urn, needed, asked_by, len(way) - without))
        return Chain(way, tuple(links), alike)


def _asked(resource: Resource, parts: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """Inputs and options of a resource that ask for each thing that it needs, by the URN of what is needed."""
    found: dict[str, list[str]] = defaultdict(list)
    if resource.parent:
        found[resource.parent].append("parent")
    if resource.provider:
        found[urns.split_reference(resource.provider)[0]].append("provider")
    if resource.deleted_with:
        found[resource.deleted_with].append("deletedWith")
    named = {name: frozenset(needed) for name, needed in resource.property_dependencies.items()}
    named["depends_on"] = frozenset(resource.dependencies).difference(*named.values())
    for name, needed in named.items():
        whole = [(component, inside) for component, inside in parts.items() if inside <= needed]
        for urn in needed:
            component = next((component for component, inside in whole if urn in inside), "")
            found[urn].append(f"{name} (all of {urns.name_of(component)})" if component else name)
    return {urn: tuple(asked_by) for urn, asked_by in found.items()}


def _expansions(resources: Mapping[str, Resource]) -> dict[str, frozenset[str]]:
    """Resources that the SDK puts in the place of a component on which something depends; the largest first.

    They are its children and, for those that are components, theirs. A remote component stands for itself. Of a
    component with one resource nobody can tell whether it or the resource was meant, so it isn't here.
    """
    children: dict[str, list[str]] = defaultdict(list)
    for urn, resource in resources.items():
        children[resource.parent].append(urn)
    remote = {needed for resource in resources.values() for needed in resource.dependencies}

    def inside(component: str) -> Iterator[str]:
        for child in children[component]:
            if resources[child].custom or child in remote:
                yield child
            else:
                yield from inside(child)

    components = [it.urn for it in resources.values() if not it.custom and it.urn not in remote]
    found = {urn: frozenset(inside(urn)) for urn in components}
    return {
        urn: found[urn] for urn in sorted(found, key=lambda it: (-len(found[it]), it)) if len(found[urn]) > 1
    }
