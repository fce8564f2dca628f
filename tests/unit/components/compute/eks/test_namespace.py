from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.compute.eks.namespace import Namespace, NamespaceArgs, Quota
from tests.unit.harness import Run, run


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        kubernetes = k8s.Provider("inside", kubeconfig="{}")
        namespace = Namespace(
            "ns",
            NamespaceArgs(
                kubernetes=kubernetes,
                namespace="trading",
                version="1.35",
                resolver="172.20.0.10",
                quota=Quota(pods=50, cpu=20, memory_gib=40),
            ),
        )
        for name, inside in {"a-pod": namespace.ready, "an-object": namespace.name}.items():
            k8s.core.v1.ConfigMap(
                name,
                metadata=k8s.meta.v1.ObjectMetaArgs(namespace=inside),
                opts=pulumi.ResourceOptions(provider=kubernetes),
            )

    return run(program)


def test_pods_are_held_to_the_restricted_standard_of_the_clusters_version(made: Run) -> None:
    labels = made.one("ns-namespace").inputs["metadata"]["labels"]
    assert labels == {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "v1.35",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/audit-version": "v1.35",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "v1.35",
    }


def test_no_service_opens_a_port_of_the_nodes_or_makes_a_balancer(made: Run) -> None:
    hard = made.one("ns-quota").inputs["spec"]["hard"]
    assert (hard["services.nodeports"], hard["services.loadbalancers"]) == ("0", "0")
    assert (hard["pods"], hard["requests.cpu"], hard["requests.memory"]) == ("50", "20", "40Gi")


def test_a_container_that_asks_for_nothing_still_counts(made: Run) -> None:
    """A quota of requests refuses a pod without any."""
    (limit,) = made.one("ns-limits").inputs["spec"]["limits"]
    assert limit["defaultRequest"].keys() == {"cpu", "memory"}
    assert limit["default"].keys() == {"memory"}


def test_a_container_that_names_no_limit_of_cpu_has_none(made: Run) -> None:
    """A largest amount is the default limit, too: https://kubernetes.io/docs/concepts/policy/limit-range/"""
    (limit,) = made.one("ns-limits").inputs["spec"]["limits"]
    assert "cpu" not in {**limit["default"], **limit["max"]}


def test_all_that_every_pod_may_do_is_ask_for_names(made: Run) -> None:
    denied = made.one("ns-default-deny").inputs["spec"]
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    names = made.one("ns-names").inputs["spec"]
    assert (names["podSelector"], names["policyTypes"]) == ({}, ["Egress"])
    (rule,) = names["egress"]
    assert rule["ports"] == [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
    resolver, pods = rule["to"]
    assert resolver == {"ipBlock": {"cidr": "172.20.0.10/32"}}
    assert pods == {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }


def test_no_pod_is_in_it_before_what_confines_its_pods(made: Run) -> None:
    confining = {made.one(it).urn for it in ("ns-quota", "ns-limits", "ns-default-deny", "ns-names")}
    assert confining <= made.one("a-pod").depends_on


def test_other_objects_wait_for_the_namespace_alone(made: Run) -> None:
    needs = made.one("an-object").depends_on
    assert made.one("ns-namespace").urn in needs
    assert not {urn for urn in needs if "::ns-" in urn} - {made.one("ns-namespace").urn}
