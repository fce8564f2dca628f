"""Resource state as the embedded engine records it: the same facts as in a checkpoint of the CLI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx

from rehearsal.engine import urns
from rehearsal.values import Value, Values

_PENDING_DELETION = "condemned"  # the field's name in journals that exist


@dataclass(frozen=True, kw_only=True)
class Resource:
    """State of one resource of a stack. `id` is '' for a component and UNKNOWN while a preview hasn't got one."""

    urn: str
    type: str
    custom: bool
    id: Value = ""
    inputs: Values = field(default_factory=dict)
    outputs: Values = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    protect: bool = False
    external: bool = False  # read, not owned
    retain_on_delete: bool = False
    deleted_with: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    additional_secret_outputs: list[str] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    replace_with: list[str] = field(default_factory=list)
    replacement_trigger: Value = None
    hide_diffs: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)  # operation: seconds
    hooks: dict[str, list[str]] = field(default_factory=dict)  # when: names of registered hooks
    import_id: str = ""  # what it was imported by
    taint: bool = False  # to be replaced by the next update
    pending_deletion: bool = False  # replaced by a newer resource under the same URN, and to be deleted
    pending_replacement: bool = False  # deleted already, and to be created again

    @property
    def key(self) -> str:
        """Key of the record: the URN; with the id while it awaits deletion, since its successor has the same URN."""
        return f"{self.urn}#{self.id}" if self.pending_deletion else self.urn

    @property
    def name(self) -> str:
        return urns.name_of(self.urn)

    @property
    def is_provider(self) -> bool:
        return self.type.startswith(urns.PROVIDER_PREFIX)

    @property
    def package(self) -> str:
        """Package that a provider resource provides, such as `aws`; the whole type of any other resource."""
        return self.type.removeprefix(urns.PROVIDER_PREFIX)

    def needs(self) -> set[str]:
        """URNs of all resources that must exist before this one: parent, provider and dependencies of every kind."""
        needed = {self.parent, self.deleted_with, *self.dependencies, *self.replace_with}
        needed.update(urn for many in self.property_dependencies.values() for urn in many)
        if self.provider:
            needed.add(urns.split_reference(self.provider)[0])
        return needed - {"", self.urn}

    def record(self) -> Values:
        """The record as journal lines hold it: empty fields are left out."""
        fields = {key: value for key, value in vars(self).items() if not _is_empty(value)}
        if self.replacement_trigger is not None:  # an empty one is a trigger, too
            fields["replacement_trigger"] = self.replacement_trigger
        if "pending_deletion" in fields:
            fields[_PENDING_DELETION] = fields.pop("pending_deletion")
        return fields

    def renamed(self, names: Mapping[str, str]) -> Resource:
        """This resource with the new URNs in the place of the old ones, wherever it names what it needs."""

        def now(urn: str) -> str:
            return names.get(urn, urn)

        provider, id_ = urns.split_reference(self.provider) if self.provider else ("", "")
        provider = f"{now(provider)}::{id_}" if provider else ""
        return replace(
            self,
            parent=now(self.parent),
            provider=provider,
            deleted_with=now(self.deleted_with),
            dependencies=[now(urn) for urn in self.dependencies],
            property_dependencies={k: [now(urn) for urn in v] for k, v in self.property_dependencies.items()},
            replace_with=[now(urn) for urn in self.replace_with],
        )


def _is_empty(value: Value) -> bool:
    return value is None or value is False or value in ("", [], {})


def from_record(record: Mapping[str, Any]) -> Resource:
    """The resource of a record."""
    fields = {"custom": False, **record}
    if _PENDING_DELETION in fields:
        fields["pending_deletion"] = fields.pop(_PENDING_DELETION)
    return Resource(**fields)


def in_dependency_order(resources: Iterable[Resource]) -> list[Resource]:
    """Dependency order: each resource after all that it needs; ties keep the order of the keys."""
    by_key = {resource.key: resource for resource in resources}
    keys_of: dict[str, list[str]] = {}
    for key, resource in by_key.items():
        keys_of.setdefault(resource.urn, []).append(key)
    graph = nx.DiGraph()
    graph.add_nodes_from(by_key)
    graph.add_edges_from(
        (needed, key)
        for key, resource in by_key.items()
        for urn in resource.needs()
        for needed in keys_of.get(urn, ())
    )
    return [by_key[key] for key in nx.lexicographical_topological_sort(graph)]
