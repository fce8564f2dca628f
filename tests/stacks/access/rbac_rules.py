"""Rules of RBAC: those of Roles and ClusterRoles with what they aggregate, and those of EKS's access policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.engine.records import Resource

KNOWN: Final[Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("effective_access.yaml").read_text()
)
RBAC = "kubernetes:rbac.authorization.k8s.io/v1:"
READ_KINDS = tuple(f"{RBAC}{kind}" for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"))
AGGREGATION = "rbac.authorization.k8s.io/"


@dataclass(frozen=True)
class Rule:
    """Rule of RBAC, without the names of single resources: every verb on every resource in every API group."""

    groups: frozenset[str]
    resources: frozenset[str]
    verbs: frozenset[str]

    @classmethod
    def of(cls, groups: Iterable[str], resources: Iterable[str], verbs: Iterable[str]) -> Rule:
        return cls(frozenset(groups), frozenset(resources), frozenset(verbs))

    def allows(self, verb: str, group: str, resource: str) -> bool:
        _, slash, subresource = resource.partition("/")
        named = {resource, "*", f"*/{subresource}"} if slash else {resource, "*"}
        return bool({verb, "*"} & self.verbs and {group, "*"} & self.groups and named & self.resources)


EVERYTHING: Final = Rule.of("*", "*", "*")


@dataclass(frozen=True)
class Roles:
    """Roles of a cluster, by the resources that make it."""

    resources: Sequence[Resource]

    def rules(self, ref: Mapping[str, Any], namespace: str | None) -> Iterator[Rule]:
        """Rules of the role that a binding refers to. AssertionError for one that isn't known."""
        if ref["kind"] == "ClusterRole":
            yield from self._cluster_role(ref["name"], frozenset())
            return
        yield from _read(_one([it for it in self._of("Role") if _called(it, ref["name"], namespace)], ref))

    def _cluster_role(self, name: str, passed: frozenset[str]) -> Iterator[Rule]:
        """Rules of a ClusterRole of the program, or of one that every cluster has, with what it aggregates."""
        known = KNOWN["cluster_roles"].get(name)
        if known is None:
            role = _one([it for it in self._of("ClusterRole") if _called(it, name, None)], name)
            selectors = role.inputs.get("aggregationRule", {}).get("clusterRoleSelectors", [])
            if not selectors:  # where there are some, the rules that are written out count for nothing
                yield from _read(role)
        else:
            yield from policy_rules(known["like"]) if "like" in known else ()
            yield from (Rule.of(**it) for it in known["rules"])
            selectors = (
                [{"matchLabels": {AGGREGATION + known["aggregates"]: "true"}}]
                if "aggregates" in known
                else []
            )
        passed |= {name}
        for other, labels in self._labels():
            if other not in passed and any(_selects(selector, labels) for selector in selectors):
                yield from self._cluster_role(other, passed)

    def _labels(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        for it in self._of("ClusterRole"):
            yield it.inputs["metadata"]["name"], it.inputs["metadata"].get("labels", {})
        for name, known in KNOWN["cluster_roles"].items():
            yield name, {AGGREGATION + label: "true" for label in known["labels"]}

    def _of(self, kind: str) -> list[Resource]:
        return [it for it in self.resources if it.type == f"{RBAC}{kind}"]


def policy_rules(name: str) -> Iterator[Rule]:
    """Rules of an access policy. KeyError for one that isn't written down here."""
    known = KNOWN["access_policies"][name]
    yield from (Rule.of(**it) for it in known["rules"])
    if "all_of" in known:
        yield from policy_rules(known["all_of"])


def _read(role: Resource) -> Iterator[Rule]:
    for it in role.inputs.get("rules") or ():
        if "nonResourceURLs" not in it:
            yield Rule.of(it.get("apiGroups", ()), it.get("resources", ()), it["verbs"])


def _called(role: Resource, name: str, namespace: str | None) -> bool:
    metadata = role.inputs["metadata"]
    return metadata["name"] == name and metadata.get("namespace") == namespace


def _one(found: Sequence[Resource], ref: object) -> Resource:
    assert len(found) == 1, f"a binding is to {ref}, whose rules aren't known"
    return found[0]


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Returns whether a label selector is about these labels."""
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        _expressed(it, labels) for it in selector.get("matchExpressions", ())
    )


def _expressed(it: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    there, values = it["key"] in labels, it.get("values", ())
    return {
        "Exists": there,
        "DoesNotExist": not there,
        "In": there and labels.get(it["key"]) in values,
        "NotIn": labels.get(it["key"]) not in values,
    }[it["operator"]]
