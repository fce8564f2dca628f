"""Kubernetes objects in the pretend cloud: what can't change in place, and what must be there first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rehearsal.cloud.cloud_driver import CloudDriver, refused

NAMESPACE = "kubernetes:core/v1:Namespace"
MAP = "kubernetes:core/v1:ConfigMap"
DISK = "kubernetes:storage.k8s.io/v1:StorageClass"
PRIORITY = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
NODE_CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
POOL = "kubernetes:karpenter.sh/v1:NodePool"
RELEASE = "kubernetes:helm.sh/v3:Release"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
BESIDE = "aws:ec2/placementGroup:PlacementGroup"

DISK_INPUTS = {"metadata": {"name": "disk"}, "provisioner": "p", "parameters": {"type": "gp3"}}
PRIORITY_INPUTS = {"metadata": {"name": "high"}, "value": 10, "description": "High."}
BINDING_INPUTS = {
    "metadata": {"name": "look"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "a"},
    "subjects": [],
}


@pytest.mark.parametrize(
    ("kind", "inputs", "changed"),
    [
        (DISK, DISK_INPUTS, {"parameters": {"type": "gp2"}}),
        (PRIORITY, PRIORITY_INPUTS, {"value": 11}),
        (BINDING, BINDING_INPUTS, {"roleRef": {**BINDING_INPUTS["roleRef"], "name": "b"}}),
    ],
)
def test_what_kubernetes_cant_change_is_replaced(
    driver: CloudDriver, kind: str, inputs: dict[str, Any], changed: dict[str, Any]
) -> None:
    made = driver.make(kind, "it", inputs, {})
    assert driver.diff(made, inputs).changed == ()
    assert driver.diff(made, {**inputs, **changed}).replaces == tuple(changed)


def test_what_it_can_change_is_changed_in_place(driver: CloudDriver) -> None:
    made = driver.make(PRIORITY, "it", PRIORITY_INPUTS, {})
    assert driver.diff(made, {**PRIORITY_INPUTS, "description": "Higher."}).replaces == ()


def test_an_object_is_in_a_namespace_that_is_there(driver: CloudDriver) -> None:
    inside = {"metadata": {"name": "it", "namespace": "trading"}}
    assert refused(driver, MAP, "it", inside, {}).code == "NotFound"
    driver.make(NAMESPACE, "trading", {"metadata": {"name": "trading"}}, {})
    assert driver.make(MAP, "it", inside, {}).id == "trading/it"


def test_some_namespaces_are_there_from_the_beginning(driver: CloudDriver) -> None:
    for name in ("default", "kube-system"):
        driver.make(MAP, name, {"metadata": {"name": "it", "namespace": name}}, {})


def test_a_namespace_goes_with_what_is_in_it(driver: CloudDriver) -> None:
    namespace = driver.make(NAMESPACE, "trading", {"metadata": {"name": "trading"}}, {})
    driver.make(MAP, "it", {"metadata": {"name": "it", "namespace": "trading"}}, {})
    driver.remove(namespace)


def test_a_pool_names_a_node_class_that_is_there(driver: CloudDriver) -> None:
    reference = {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "castle"}
    pool = {"metadata": {"name": "it"}, "spec": {"template": {"spec": {"nodeClassRef": reference}}}}
    assert refused(driver, POOL, "it", pool, {}).code == "NotFound"
    _, subnet = driver.network()
    terms = {"subnetSelectorTerms": [{"id": subnet.id}]}
    made = driver.make(NODE_CLASS, "class", {"metadata": {"name": "castle"}, "spec": terms}, {})
    driver.make(POOL, "it", pool, {})
    with pytest.raises(Exception, match="Conflict"):
        driver.remove(made)


def test_a_node_class_names_subnets_that_are_there(driver: CloudDriver) -> None:
    spec = {"subnetSelectorTerms": [{"id": "subnet-0123456789abcdef0"}]}
    said = refused(driver, NODE_CLASS, "class", {"metadata": {"name": "castle"}, "spec": spec}, {})
    assert "InvalidSubnetID.NotFound" in said.code


def test_a_release_is_called_as_it_says_and_another_version_is_an_update(driver: CloudDriver) -> None:
    driver.make(NAMESPACE, "keda", {"metadata": {"name": "keda"}}, {})
    release = {"name": "keda", "chart": "keda", "namespace": "keda", "version": "2.20.1"}
    made = driver.make(RELEASE, "it", release, {})
    assert made.id == "keda/keda"
    assert "metadata" not in made.inputs
    assert made.outputs["status"] == {"name": "keda", "namespace": "keda", "status": "deployed"}
    newer = driver.diff(made, {**release, "version": "2.20.2"})
    assert (newer.changed, newer.replaces) == (("version",), ())
    assert driver.diff(made, {**release, "namespace": "default"}).replaces == ("namespace",)


def test_a_launch_template_keeps_its_placement_group(driver: CloudDriver) -> None:
    beside = driver.make(BESIDE, "beside", {"strategy": "cluster"})
    driver.make(TEMPLATE, "it", {"placement": {"groupName": beside.id}})
    assert driver.diff(beside, {"strategy": "spread"}).replaces == ("strategy",)
    with pytest.raises(Exception, match="InvalidPlacementGroup"):
        driver.remove(beside)
