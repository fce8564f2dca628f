from __future__ import annotations

import pulumi_kubernetes as k8s
import pytest

from components.compute.eks.cluster_classes import ClusterClasses, ClusterClassesArgs
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-disks"


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        ClusterClasses(
            "classes",
            ClusterClassesArgs(kubernetes=k8s.Provider("inside", kubeconfig="{}"), disk_key_arn=KEY),
        )

    return run(program)


def test_a_claim_that_names_no_class_gets_a_disk_of_auto_mode_under_our_key(made: Run) -> None:
    disk = made.one("classes-disk").inputs
    assert disk["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert disk["provisioner"] == "ebs.csi.eks.amazonaws.com"
    assert disk["parameters"] == {"type": "gp3", "encrypted": "true", "kmsKeyId": KEY}


def test_a_disk_is_made_where_its_pod_is(made: Run) -> None:
    assert made.one("classes-disk").inputs["volumeBindingMode"] == "WaitForFirstConsumer"


def test_batch_gives_way_to_services_and_they_to_what_they_scale_by(made: Run) -> None:
    value = {each.inputs["metadata"]["name"]: each.inputs["value"] for each in made.of("PriorityClass")}
    assert value["batch"] < 0 < value["services"] < value["platform"] < 1_000_000_000
    assert made.one("classes-priority-batch").inputs["preemptionPolicy"] == "Never"


def test_a_pod_that_names_no_priority_has_none(made: Run) -> None:
    assert [each.name for each in made.of("PriorityClass") if each.inputs["globalDefault"]] == []
