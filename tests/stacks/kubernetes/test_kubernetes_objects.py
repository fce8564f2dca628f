"""Every object in every cell's cluster is one that the cluster's version of Kubernetes takes, and takes safely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import kubernetes_validate
import pytest

from rehearsal.values import reveal
from tests.stacks.kubernetes.custom_shapes import KINDS, misfits
from tests.stacks.kubernetes.pod_security import violations
from tests.stacks.platform import Platform

RELEASE = "kubernetes:helm.sh/v3:Release"
CELLS = ("us-east-1", "eu-west-1", "us-west-2")
OURS = {"trading", "payments", "keda"}


def manifests(platform: Platform) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with its URN, as it is sent."""
    for _, resource in platform.resources():
        if resource.type.startswith("kubernetes:") and resource.type != RELEASE:
            inputs = reveal(resource.inputs)
            yield resource.urn, {key: value for key, value in inputs.items() if not key.startswith("__")}


def versions(platform: Platform) -> set[str]:
    return {it.inputs["version"] for it in platform.of("aws:eks/cluster:Cluster")}


def templates(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The specs of the pods that an object makes."""
    spec = manifest.get("spec") or {}
    if manifest["kind"] == "Pod":
        yield spec
    elif manifest["kind"] == "CronJob":
        yield spec["jobTemplate"]["spec"]["template"]["spec"]
    elif manifest["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"):
        yield spec["template"]["spec"]


def is_custom(manifest: Mapping[str, Any]) -> bool:
    """Returns whether Kubernetes itself knows nothing of its group: its own have no dot, or end in k8s.io."""
    group = manifest["apiVersion"].rpartition("/")[0]
    return "." in group and not group.endswith(".k8s.io")


def refused(manifest: dict[str, Any], version: str) -> str:
    """Why Kubernetes would refuse an object; nothing if it wouldn't."""
    if is_custom(manifest):
        return "; ".join(misfits(manifest))
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path))}: {error.message}"
    return ""


@pytest.fixture(scope="module")
def version(platform: Platform) -> str:
    (version,) = versions(platform)
    return version


def test_every_object_is_one_that_the_clusters_version_takes(platform: Platform, version: str) -> None:
    found = list(manifests(platform))
    assert len(found) > 90
    assert [(urn, why) for urn, manifest in found if (why := refused(manifest, version))] == []


def test_what_kubernetes_refuses_is_seen(platform: Platform, version: str) -> None:
    """A word too much, a word too few and a wrong type, in each object in turn."""
    for urn, manifest in manifests(platform):
        wrong = deepcopy(manifest)
        wrong["spec" if is_custom(manifest) else "metadata"]["surplus"] = "x"
        assert refused(wrong, version), urn


def test_every_version_has_its_own_schemas(version: str) -> None:
    """For a version that it doesn't know, the validator takes the one before."""
    taken = kubernetes_validate.validate({"apiVersion": "v1", "kind": "ConfigMap"}, version, strict=True)
    assert taken == version


@pytest.mark.parametrize("kind", KINDS)
def test_a_custom_kind_misses_what_must_be_there(kind: str) -> None:
    version, name = kind.split(" ")
    required = [f"spec.{field[:-1]} is missing" for field in KINDS[kind] if field.endswith("!")]
    assert misfits({"apiVersion": version, "kind": name, "spec": {}}) == required


def test_a_custom_kind_that_isnt_listed_is_a_misfit() -> None:
    assert misfits({"apiVersion": "x.io/v1", "kind": "Y"}) == ["x.io/v1 Y isn't in custom_kinds.yaml"]


def test_every_pod_is_restricted(platform: Platform) -> None:
    found = [(urn, violations(pod)) for urn, manifest in manifests(platform) for pod in templates(manifest)]
    assert [(urn, broken) for urn, broken in found if broken] == []


def test_the_chart_is_told_to_make_restricted_pods(platform: Platform) -> None:
    releases = platform.of(RELEASE)
    assert len(releases) == len(CELLS)
    for release in releases:
        values = reveal(release.inputs["values"])
        for part in ("operator", "metricServer", "webhooks"):
            container = {"name": part, "securityContext": values["securityContext"][part]}
            pod = {"securityContext": values["podSecurityContext"][part], "containers": [container]}
            assert violations(pod) == [], part


def test_every_namespace_of_ours_confines_its_pods(platform: Platform, version: str) -> None:
    """Standard, quota, limits, nobody reached; every cell alike."""
    for cell in CELLS:
        mine = [
            reveal(it.inputs)
            for stack, it in platform.resources()
            if stack == cell and it.type.startswith("kubernetes:") and it.type != RELEASE
        ]
        namespaces = {it["metadata"]["name"]: it for it in mine if it["kind"] == "Namespace"}
        assert namespaces.keys() >= OURS
        for name, namespace in namespaces.items():
            labels = namespace["metadata"]["labels"]
            for mode in ("enforce", "audit", "warn"):
                assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
                assert labels[f"pod-security.kubernetes.io/{mode}-version"] == f"v{version}"
            inside = [it for it in mine if it["metadata"].get("namespace") == name]
            assert {"ResourceQuota", "LimitRange"} <= {it["kind"] for it in inside}
            denies = [
                it["spec"]
                for it in inside
                if it["kind"] == "NetworkPolicy" and not it["spec"].keys() & {"ingress", "egress"}
            ]
            assert denies == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]
