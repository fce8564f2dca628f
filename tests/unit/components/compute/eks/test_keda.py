from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.compute.eks.keda import Scaling, ScalingArgs
from tests.stacks.kubernetes.pod_security import violations
from tests.unit.documents import actions
from tests.unit.harness import Run, run

PARTS = ("operator", "metricsServer", "webhooks")


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        Scaling(
            "scaling",
            ScalingArgs(
                account="123456789012",
                region="eu-west-1",
                cluster="castle-eu-west-1",
                existing_cluster_name=pulumi.Output.from_input("castle-eu-west-1"),
                kubernetes=k8s.Provider("inside", kubeconfig="{}"),
                namespace="keda",
                confined_namespace=aws.sqs.Queue("confinement", name="keda").name,
                priority_class="platform",
                api_cidrs=["10.1.0.0/19", "10.1.64.0/19"],
            ),
        )

    return run(program)


def test_what_the_services_scale_by_runs_on_awss_own_nodes(made: Run) -> None:
    """On ours, where pods are isolated by default, nothing would reach the metrics server."""
    values = made.one("scaling-keda", "Release").inputs["values"]
    settings = json.loads(made.one("scaling-metrics").inputs["configurationValues"])
    for place in (settings, *(values[part] for part in PARTS)):
        assert place["nodeSelector"] == {"karpenter.sh/nodepool": "system"}
        assert place["tolerations"] == [{"key": "CriticalAddonsOnly", "operator": "Exists"}]


def test_the_chart_is_one_version_of_one_repository(made: Run) -> None:
    release = made.one("scaling-keda", "Release").inputs
    assert release["version"].count(".") == 2
    assert release["repositoryOpts"] == {"repo": "https://kedacore.github.io/charts"}
    assert release["atomic"] is True


def test_every_part_is_there_twice_and_one_stays(made: Run) -> None:
    values = made.one("scaling-keda", "Release").inputs["values"]
    assert [values[part]["replicaCount"] for part in PARTS] == [2, 2, 2]
    assert list(values["podDisruptionBudget"].values()) == [{"minAvailable": 1}] * 3
    assert values["topologySpreadConstraints"].keys() == set(PARTS)


def test_pods_are_restricted(made: Run) -> None:
    values = made.one("scaling-keda", "Release").inputs["values"]
    for part in ("operator", "metricServer", "webhooks"):
        container = {"name": part, "securityContext": values["securityContext"][part]}
        pod = {"securityContext": values["podSecurityContext"][part], "containers": [container]}
        assert violations(pod) == []
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_operator_reads_metrics_of_its_region_and_nothing_else(made: Run) -> None:
    document = made.one("scaling-keda", "RolePolicy").inputs["policy"]
    (statement,) = json.loads(document)["Statement"]
    assert actions(statement) == ["cloudwatch:GetMetricData"]
    assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    association = made.one("scaling-keda", "PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("keda", "keda-operator")


def test_only_pods_of_this_cluster_take_the_role(made: Run) -> None:
    (statement,) = json.loads(made.one("scaling-keda", "Role").inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:123456789012:cluster/castle-eu-west-1",
        "aws:RequestTag/kubernetes-namespace": "keda",
        "aws:RequestTag/kubernetes-service-account": "keda-operator",
    }


def test_the_api_server_asks_from_the_app_subnets_and_nobody_else_does(made: Run) -> None:
    server, neighbours = made.one("scaling-keda-asked").inputs["spec"]["ingress"]
    assert server["from"] == [{"ipBlock": {"cidr": cidr}} for cidr in ("10.1.0.0/19", "10.1.64.0/19")]
    assert [port["port"] for port in server["ports"]] == [6443, 9443]
    assert neighbours["from"] == [{"podSelector": {}}]


def test_pods_are_let_in_and_have_their_role_before_they_are_made(made: Run) -> None:
    release = made.one("scaling-keda", "Release").depends_on
    for name in ("scaling-keda-asked", "scaling-keda-asks"):
        assert made.one(name).urn in release
    assert made.one("scaling-keda", "PodIdentityAssociation").urn in release
    assert made.one("confinement").urn in release
