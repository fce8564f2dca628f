"""Usage of a quota by one resource: one of its kind, or what its inputs come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import attributes, value_at, values_at
from rehearsal.values import Value, Values, reveal

_SCALER: Final = "kubernetes:keda.sh/v1alpha1:ScaledObject"
_DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
_PREFIX_LIST: Final = "aws:ec2/managedPrefixList:ManagedPrefixList"

Usage = Callable[[Inventory, CloudResource], float]


def usage(name: str) -> Usage:
    """Usage by the name that it has in `quotas.yaml`."""
    return _USAGES[name]


def _one(_: Inventory, __: CloudResource) -> float:
    return 1


# ---- rules of security groups ------------------------------------------------------------------------


def _ipv4_rules(inventory: Inventory, rule: CloudResource) -> float:
    return 0 if attributes(rule).get("cidrIpv6") else _entries(inventory, rule)


def _ipv6_rules(inventory: Inventory, rule: CloudResource) -> float:
    return 0 if attributes(rule).get("cidrIpv4") else _entries(inventory, rule)


def _entries(inventory: Inventory, rule: CloudResource) -> float:
    """Entries that a rule counts for. Of AWS's own prefix lists their size isn't known, and at least one is there."""
    listed = inventory.get(_PREFIX_LIST, rule.region, str(attributes(rule).get("prefixListId")))
    return 1 if listed is None else _number(attributes(listed).get("maxEntries"))


# ---- pods ----------------------------------------------------------------------------------------------


def _pod_vcpus(inventory: Inventory, resource: CloudResource) -> float:
    """vCPUs that a workload's pods ask for, or that an object which scales one adds to them."""
    if resource.type == _SCALER:
        workload = _scaled(inventory, resource)
        least = _number(value_at(attributes(resource), "spec.minReplicaCount"))
        return 0 if workload is None else max(0, least - _replicas(workload)) * _vcpus_of_a_pod(workload)
    return _replicas(resource) * _vcpus_of_a_pod(resource)


def _scaled(inventory: Inventory, scaler: CloudResource) -> CloudResource | None:
    place = value_at(attributes(scaler), "metadata.namespace") or "default"
    name = value_at(attributes(scaler), "spec.scaleTargetRef.name")
    return inventory.get(_DEPLOYMENT, scaler.region, f"{place}/{name}")


def _replicas(workload: CloudResource) -> float:
    written = value_at(attributes(workload), "spec.replicas")
    return 1 if written is None else _number(written)


def _vcpus_of_a_pod(workload: CloudResource) -> float:
    asked = values_at(attributes(workload), "spec.template.spec.containers.resources.requests.cpu")
    return sum(_cores(value) for _, value in asked)


def _cores(quantity: Value) -> float:
    """Cores in a quantity. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""
    text = str(quantity)
    return _number(text.removesuffix("m")) / (1000 if text.endswith("m") else 1)


# ---- tasks ---------------------------------------------------------------------------------------------


def _on_demand_vcpus(inventory: Inventory, service: CloudResource) -> float:
    return _tasks(attributes(service), "FARGATE") * _task_vcpus(inventory, service)


def _spot_vcpus(inventory: Inventory, service: CloudResource) -> float:
    return _tasks(attributes(service), "FARGATE_SPOT") * _task_vcpus(inventory, service)


def _surge(inventory: Inventory, service: CloudResource) -> float:
    """vCPUs of the first task that a deployment starts beside those that run."""
    known = attributes(service)
    on_demand = "FARGATE" in _shares(known)
    none_missing = _number(known.get("deploymentMinimumHealthyPercent") or 100) >= 100
    return _task_vcpus(inventory, service) if on_demand and none_missing else 0


def _task_vcpus(inventory: Inventory, service: CloudResource) -> float:
    task = inventory.resolve("taskDefinition", str(attributes(service).get("taskDefinition")), service.region)
    return 0 if task is None else _number(attributes(task).get("cpu")) / 1024


def _tasks(service: Values, provider: str) -> float:
    """Tasks of a service that a capacity provider runs: its base, and its part of the others by weight.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    """
    desired, shares = _number(service.get("desiredCount")), _shares(service)
    base = {name: min(desired, _number(one.get("base"))) for name, one in shares.items()}
    weights = {name: _number(one.get("weight")) for name, one in shares.items()}
    rest = desired - sum(base.values())
    part = rest * weights.get(provider, 0) / (sum(weights.values()) or 1)
    return base.get(provider, 0) + int(part)


def _shares(service: Values) -> Mapping[str, Mapping[str, Any]]:
    """Strategy of a service, by capacity provider. One of the cluster's own isn't asked for."""
    listed = reveal(service.get("capacityProviderStrategies"))
    if not isinstance(listed, list) or not listed:
        return {"FARGATE": {"weight": 1}} if service.get("launchType") == "FARGATE" else {}
    return {str(one.get("capacityProvider")): one for one in listed if isinstance(one, dict)}


def _reserved(_: Inventory, function: CloudResource) -> float:
    return max(0, _number(attributes(function).get("reservedConcurrentExecutions")))


def _number(value: Value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0


_USAGES: Final[Mapping[str, Usage]] = {
    "one": _one,
    "ipv4Rules": _ipv4_rules,
    "ipv6Rules": _ipv6_rules,
    "podVcpus": _pod_vcpus,
    "onDemandVcpus": _on_demand_vcpus,
    "spotVcpus": _spot_vcpus,
    "taskVcpus": _surge,
    "reservedConcurrency": _reserved,
}
