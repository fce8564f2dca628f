"""Graph of the resources of one stack, or of several, and their references to each other.

A reference is followed by value where the value is known, and else by the dependency that Pulumi recorded for
the property, which it knows even while ids are unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from controls.language.facts import UNKNOWN, Absent, Node, Value
from controls.language.tokens import VPC, Tokens

# The outputs by which one resource names another. The last part of an ARN is often the id, which some
# providers don't repeat among the outputs.
_IDENTITIES = frozenset(
    {
        "id",
        "arn",
        "bucket",
        "name",
        "clusterIdentifier",
        "globalClusterIdentifier",
        "replicationGroupId",
        "globalReplicationGroupId",
        "dnsName",
        "domainName",
        "bucketRegionalDomainName",
    }
)


def urn_type(urn: str) -> str:
    """The type in a URN: the last of its chain of types."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 2 else ""


class Graph:
    """Resources by URN and by type."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = tuple(nodes)
        self._by_urn = {node.urn: node for node in self.nodes}
        self._by_type: dict[str, list[Node]] = {}
        for node in self.nodes:
            self._by_type.setdefault(node.type, []).append(node)
        self._referrers: dict[tuple[Tokens, str, str], dict[str, list[Node]]] = {}

    @property
    def types(self) -> Collection[str]:
        """Types of which it has a resource."""
        return self._by_type.keys()

    def of(self, tokens: Tokens) -> list[Node]:
        """The resources of these types."""
        return [node for token in tokens for node in self._by_type.get(token, [])]

    def targets(self, node: Node, name: str, tokens: Tokens) -> list[Node]:
        """Resources of these types that a top-level property of a node refers to."""
        named = {
            target.urn: target
            for text in _texts(node.get(name))
            if isinstance(text, str)
            for target in self._by_identity.get(text, [])
            if target.type in tokens
        }
        if named:
            return list(named.values())
        urns = node.property_dependencies.get(name, ())
        return [self._by_urn[urn] for urn in urns if urn in self._by_urn and urn_type(urn) in tokens]

    def referrers(self, tokens: Tokens, name: str, target: Node) -> list[Node]:
        """Resources of these types whose property refers to the target."""
        key = (tokens, name, target.type)
        if key not in self._referrers:
            self._referrers[key] = self._find_referrers(*key)
        return self._referrers[key].get(target.urn, [])

    def _find_referrers(self, tokens: Tokens, name: str, kind: str) -> dict[str, list[Node]]:
        """Referring resources for each target of a type, all at once: one at a time they would be searched as
        often as there are targets."""
        referrers: dict[str, list[Node]] = {}
        for node in self.of(tokens):
            for urn in dict.fromkeys(it.urn for it in self.targets(node, name, (kind,))):
                referrers.setdefault(urn, []).append(node)
        return referrers

    def may_reference(self, tokens: Tokens, name: str, target: Node) -> bool:
        """Returns whether a resource of these types may yet refer to the target.

        Its property is unknown, and came from something else: another resource that repeats the target's id,
        another stack, a lookup.
        """
        return any(
            UNKNOWN in _texts(node.get(name)) and not self.targets(node, name, (target.type,))
            for node in self.of(tokens)
        )

    @cached_property
    def _by_identity(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            written = [name for name in iter(node.inputs) if name in _IDENTITIES]
            names = [value for name in written if isinstance(value := node.get(name), str) and value]
            names += [value.rpartition("/")[2] for value in names if value.startswith("arn:")]
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append(node)
        return found


class Platform:
    """Recorded graphs of several stacks, by stack, and all of them as one."""

    def __init__(self, stacks: Mapping[str, Sequence[Node]]) -> None:
        self.stacks = {name: Graph(nodes) for name, nodes in stacks.items()}
        self.graph = Graph(node for nodes in stacks.values() for node in nodes)
        self._stack_of = {node.urn: name for name, nodes in stacks.items() for node in nodes}

    def stack_of(self, urn: str) -> str:
        """The stack that a resource belongs to."""
        return self._stack_of.get(urn, "")

    @property
    def regions(self) -> list[str]:
        """Regions in which the platform runs: those that have a VPC."""
        return sorted({node.region for node in self.graph.of(VPC) if isinstance(node.region, str)})


def _texts(value: Value) -> Iterator[str | Absent]:
    """Texts in a value, and UNKNOWN for its unknown parts."""
    if isinstance(value, str) or value is UNKNOWN:
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
