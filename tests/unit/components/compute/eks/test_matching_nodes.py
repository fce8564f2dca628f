from __future__ import annotations

import base64
import json
from email import message_from_string
from typing import Any

import pulumi
import pytest
import yaml

from components.compute.eks.matching_nodes import MatchingNodes, MatchingNodesArgs
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-disks"


@pytest.fixture(scope="module")
def made() -> Run:
    return run(
        lambda: MatchingNodes(
            "matching",
            MatchingNodesArgs(
                account="123456789012",
                region="eu-west-1",
                cluster="castle-eu-west-1",
                existing_cluster_name=pulumi.Output.from_input("castle-eu-west-1"),
                subnet_id="subnet-a",
                security_group_id="sg-1",
                disk_key_arn=KEY,
                instance_type="c7g.2xlarge",
                nodes=2,
            ),
        )
    )


def template(made: Run) -> dict[str, Any]:
    return made.one("matching-template").inputs


def add_on(made: Run, name: str) -> dict[str, Any]:
    return made.one(f"matching-{name}", "Addon").inputs


def test_nodes_are_side_by_side_in_one_zone(made: Run) -> None:
    assert made.one("matching-beside").inputs["strategy"] == "cluster"
    assert "groupName" in template(made)["placement"]
    assert made.one("matching-group").inputs["subnetIds"] == ["subnet-a"]


def test_nodes_are_never_spot(made: Run) -> None:
    assert made.one("matching-group").inputs["capacityType"] == "ON_DEMAND"


def test_pods_get_cpus_of_their_own(made: Run) -> None:
    message = message_from_string(base64.b64decode(template(made)["userData"]).decode())
    (part,) = message.get_payload()
    assert not isinstance(part, str)
    assert part.get_content_type() == "application/node.eks.aws"
    node = yaml.safe_load(str(part.get_payload()))
    assert (node["apiVersion"], node["kind"]) == ("node.eks.aws/v1alpha1", "NodeConfig")
    kubelet = node["spec"]["kubelet"]["config"]
    assert kubelet["cpuManagerPolicy"] == "static"
    assert kubelet["reservedSystemCPUs"] == "0"  # the policy wants some


def test_pods_dont_reach_the_nodes_credentials(made: Run) -> None:
    options = template(made)["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)


def test_disks_are_under_our_key_and_what_launches_nodes_may_use_it_first(made: Run) -> None:
    (disk,) = template(made)["blockDeviceMappings"]
    assert (disk["ebs"]["encrypted"], disk["ebs"]["kmsKeyId"]) == ("true", KEY)
    grant = made.one("matching-disks")
    assert grant.inputs["granteePrincipal"].endswith("/AWSServiceRoleForAutoScaling")
    assert grant.urn in made.one("matching-group").depends_on


def test_only_what_tolerates_it_comes_there(made: Run) -> None:
    group = made.one("matching-group").inputs
    assert group["labels"] == {"castle/pool": "matching"}
    assert group["taints"] == [{"key": "castle/pool", "value": "matching", "effect": "NO_SCHEDULE"}]


def test_what_auto_mode_has_built_in_is_there_before_the_nodes_and_the_resolver_after(made: Run) -> None:
    before = made.one("matching-group").depends_on
    for name in ("kube-proxy", "eks-pod-identity-agent", "vpc-cni"):
        assert made.one(f"matching-{name}", "Addon").urn in before
    assert made.one("matching-coredns", "Addon").urn not in before  # its pods need the nodes
    place = json.loads(add_on(made, "coredns")["configurationValues"])
    assert place["nodeSelector"] == {"castle/pool": "matching"}
    assert place["tolerations"] == [{"key": "castle/pool", "value": "matching", "effect": "NoSchedule"}]


def test_network_policies_are_enforced_there_too(made: Run) -> None:
    assert json.loads(add_on(made, "vpc-cni")["configurationValues"]) == {"enableNetworkPolicy": "true"}


def test_addresses_are_taken_by_the_networks_own_role_and_not_the_nodes(made: Run) -> None:
    policies = {
        each.name: each.inputs["policyArn"].rsplit("/", 1)[-1] for each in made.of("RolePolicyAttachment")
    }
    assert policies == {
        "matching-network-network": "AmazonEKS_CNI_Policy",
        "matching-node-node": "AmazonEKSWorkerNodeMinimalPolicy",
        "matching-node-images": "AmazonEC2ContainerRegistryPullOnly",
    }
    (association,) = add_on(made, "vpc-cni")["podIdentityAssociations"]
    assert association["serviceAccount"] == "aws-node"
