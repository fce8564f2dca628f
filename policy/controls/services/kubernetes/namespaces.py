"""Rules on Kubernetes namespaces: pod security standards, default-deny policies; and on ConfigMaps."""

from __future__ import annotations

import re
from typing import Final

from controls.language.credentials import holds_credential
from controls.language.facts import MISSING, UNKNOWN, Node, Truth, all_of, any_of, as_list
from controls.language.graph import Graph
from controls.language.rules import HIGH, Rule, stack_rule
from controls.language.tokens import CONFIG_MAP, NAMESPACE, NETWORK_POLICY
from controls.language.verdicts import Fail, Undecided, Verdicts

_ENFORCE: Final = "pod-security.kubernetes.io/enforce"

# Keys whose value is a secret, whatever it looks like.
_SECRET_KEY: Final = re.compile(r"(?i)(^|[-_.])(password|passwd|secret|token|api-?key|private-?key)$")


def no_secrets(node: Node) -> Verdicts:
    for part in ("data", "binaryData"):
        values = node.get(part)
        if values is UNKNOWN:
            yield Undecided(part)
        for key, value in values.items() if isinstance(values, dict) else ():
            if value is UNKNOWN:
                yield Undecided(f"{part}.{key}")
            elif isinstance(value, str) and value and (_SECRET_KEY.search(key) or holds_credential(value)):
                yield Fail(f"`{part}.{key}` holds a credential: keep it in Secrets Manager, or in a Secret")


def enforces_restricted(node: Node) -> Verdicts:
    labels = node.get("metadata.labels")
    level = labels.get(_ENFORCE, MISSING) if isinstance(labels, dict) else labels
    if level is UNKNOWN:
        yield Undecided("metadata.labels")
    elif level != "restricted":
        yield Fail(f"`metadata.labels` doesn't enforce the restricted standard: set {_ENFORCE} to restricted")


def denied_by_default(graph: Graph) -> Verdicts:
    """Default-deny NetworkPolicy of a namespace: it selects every pod, for both directions, and allows nothing."""
    policies = graph.of(NETWORK_POLICY)
    for namespace in graph.of(NAMESPACE):
        denied = any_of(*(all_of(_within(graph, it, namespace), _denies_all(it)) for it in policies))
        if denied is UNKNOWN:
            yield Undecided("metadata.namespace", namespace.urn)
        elif denied is False:
            yield Fail(
                "no NetworkPolicy denies by default: add one for all pods, without rules", namespace.urn
            )


def _within(graph: Graph, policy: Node, namespace: Node) -> Truth:
    if namespace in graph.targets(policy, "metadata", NAMESPACE):
        return True
    names = policy.get("metadata.namespace"), namespace.get("metadata.name")
    return UNKNOWN if UNKNOWN in names else names[0] == names[1] and names[0] is not MISSING


def _denies_all(policy: Node) -> Truth:
    spec = policy.get("spec")
    if not isinstance(spec, dict):
        return UNKNOWN if spec is UNKNOWN else False
    if UNKNOWN in (spec.get(it) for it in ("podSelector", "policyTypes", "ingress", "egress")):
        return UNKNOWN
    everyone = not spec.get("podSelector")
    silent = not spec.get("ingress") and not spec.get("egress")
    return everyone and silent and {"Ingress", "Egress"} <= set(as_list(spec.get("policyTypes", MISSING)))


RULES: Final = (
    Rule(
        "k8s-configmap-no-secrets",
        HIGH,
        CONFIG_MAP,
        no_secrets,
        asks="ConfigMaps hold no credential",
        fix="Keep it in Secrets Manager and let the pod's role read it",
        reads="data binaryData",
    ),
    Rule(
        "k8s-namespace-enforces-restricted",
        HIGH,
        NAMESPACE,
        enforces_restricted,
        asks="Namespaces enforce the restricted pod security standard",
        fix=f"Set the label {_ENFORCE} to restricted",
        ids="EKS-1.8:4.5.1",
        reads="metadata.labels",
    ),
    stack_rule(
        "k8s-namespace-default-deny",
        HIGH,
        NAMESPACE,
        denied_by_default,
        asks="Each namespace denies traffic by default",
        fix="Add a NetworkPolicy with an empty podSelector, both policyTypes and no rules",
        ids="EKS-1.8:4.3.2 CKV2_K8S_6",
    ),
)
