"""Rules on replicas of Kubernetes workloads and on their PodDisruptionBudgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of
from controls.language.graph import Graph
from controls.language.rules import HIGH, Config, Param, stack_rule
from controls.language.shapes import number
from controls.language.tokens import DISRUPTION_BUDGET, POD_SCALER, REPLICATED, whole
from controls.language.verdicts import Fail, Undecided, Verdicts

_NAMESPACES: Final = Param([], "Namespaces whose workloads carry traffic; without any, all do")
_WORKLOAD: Final = whole(REPLICATED)


def _same(one: Value, other: Value) -> Truth:
    return UNKNOWN if UNKNOWN in (one, other) else one == other and one is not MISSING


def _in_scope(node: Node, config: Config) -> Truth:
    namespace = node.get("metadata.namespace")
    if not config["namespaces"]:
        return True
    return UNKNOWN if namespace is UNKNOWN else namespace in config["namespaces"]


def _scales(graph: Graph, scaler: Node, workload: Node) -> Truth:
    """Returns whether an autoscaler's target is the workload. KEDA takes a Deployment when no kind is written."""
    if workload in graph.targets(scaler, "spec", (workload.type,)):
        return True
    kinds = (scaler.get("spec.scaleTargetRef.kind"), workload.type.rpartition(":")[2])
    return all_of(
        _same(scaler.get("metadata.namespace"), workload.get("metadata.namespace")),
        _same(scaler.get("spec.scaleTargetRef.name"), workload.get("metadata.name")),
        kinds[1] == "Deployment" if kinds[0] is MISSING else _same(*kinds),
    )


def _scalers(graph: Graph, workload: Node) -> list[tuple[Truth, Node]]:
    found = ((_scales(graph, it, workload), it) for it in graph.of(POD_SCALER))
    return [(truth, it) for truth, it in found if truth is not False]


def min_replicas(graph: Graph, workload: Node) -> Value:
    """Smallest number of replicas of a workload: its autoscaler's minimum, else its own number, else one."""
    scalers = _scalers(graph, workload)
    if any(truth is UNKNOWN for truth, _ in scalers):
        return UNKNOWN
    if scalers:
        _, scaler = scalers[0]
        least = scaler.get("spec.minReplicaCount" if "keda.sh" in scaler.type else "spec.minReplicas")
        # Without one, KEDA goes down to none and an autoscaler of Kubernetes to one.
        return least if least is not MISSING else (0 if "keda.sh" in scaler.type else 1)
    replicas = workload.get("spec.replicas")
    return 1 if replicas is MISSING else replicas


def enough_replicas(graph: Graph, config: Config) -> Verdicts:
    least = config["minReplicas"]
    for workload in graph.of(_WORKLOAD):
        in_scope, replicas = _in_scope(workload, config), min_replicas(graph, workload)
        if in_scope is False or (replicas is not UNKNOWN and number(replicas) >= least):
            continue
        if UNKNOWN in (in_scope, replicas):
            yield Undecided("spec.replicas", workload.urn)
        else:
            yield Fail(
                f"fewer than {least} replicas: raise spec.replicas, or its scaler's minimum", workload.urn
            )


def budget_covers(graph: Graph, config: Config) -> Verdicts:
    """PodDisruptionBudget of a workload with two replicas or more. With one replica it would only keep the node
    from draining."""
    for workload in graph.of(_WORKLOAD):
        in_scope, replicas = _in_scope(workload, config), min_replicas(graph, workload)
        if in_scope is False or (replicas is not UNKNOWN and number(replicas) < 2):
            continue
        budgets = [(_selects_pods(it, workload), it) for it in graph.of(DISRUPTION_BUDGET)]
        covered = any_of(*(truth for truth, _ in budgets))
        if UNKNOWN in (in_scope, replicas, covered):
            yield Undecided("spec.selector", workload.urn)
        elif covered is False:
            yield Fail("no PodDisruptionBudget selects its pods: add one with maxUnavailable 1", workload.urn)
        for truth, budget in budgets:
            if truth is True and _blocks_drain(budget, replicas):
                yield Fail(
                    "it lets no pod go, so that nodes never drain: set maxUnavailable to 1", budget.urn
                )


def _selects_pods(budget: Node, workload: Node) -> Truth:
    """Returns whether a budget selects a workload's pods by their labels. An empty selector takes all of the
    namespace, and one by expressions may.
    """
    here = _same(budget.get("metadata.namespace"), workload.get("metadata.namespace"))
    selector, labels = budget.get("spec.selector"), workload.get("spec.template.metadata.labels")
    if UNKNOWN in (selector, labels):
        return all_of(here, UNKNOWN)
    if not isinstance(selector, dict):
        return False
    wanted = selector.get("matchLabels", {})
    worn: Mapping[str, Any] = labels if isinstance(labels, dict) else {}
    pairs = wanted.items() if isinstance(wanted, dict) else ()
    by_expression = UNKNOWN if selector.get("matchExpressions") else True
    return all_of(here, by_expression, *(_same(value, worn.get(key, MISSING)) for key, value in pairs))


def _blocks_drain(budget: Node, replicas: Value) -> bool:
    least, most = budget.get("spec.minAvailable"), budget.get("spec.maxUnavailable")
    if str(most) in ("0", "0%") or str(least) == "100%":
        return True
    return isinstance(least, int) and isinstance(replicas, int) and least >= replicas


RULES: Final = (
    stack_rule(
        "k8s-min-replicas",
        HIGH,
        _WORKLOAD,
        enough_replicas,
        asks="Workloads that carry traffic run three replicas or more",
        fix="Set spec.replicas, or the minimum of the workload's scaler",
        narrowed="Which workloads carry traffic is configured, by their namespaces.",
        reads="spec",
        config={"minReplicas": Param(3, "Fewest replicas"), "namespaces": _NAMESPACES},
    ),
    stack_rule(
        "k8s-pdb-covers-workload",
        HIGH,
        _WORKLOAD + DISRUPTION_BUDGET,
        budget_covers,
        asks="A disruption budget covers each replicated workload, and lets nodes drain",
        fix="Add a PodDisruptionBudget with the labels of the pods and maxUnavailable 1",
        reads="spec",
        config={"namespaces": _NAMESPACES},
    ),
)
