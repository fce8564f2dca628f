from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws
import pytest

from components.compute.eks.cluster import Cluster, ClusterArgs
from tests.unit.documents import actions
from tests.unit.harness import Recorded, Run, run

SECRETS = "arn:aws:kms:eu-west-1:123456789012:key/mrk-secrets"
LOGS = "arn:aws:kms:eu-west-1:123456789012:key/mrk-logs"


def cluster(*, retire: bool = False) -> Run:
    def program() -> None:
        way = aws.ec2.VpcPeeringConnection("way", vpc_id="vpc-1", peer_vpc_id="vpc-2")
        Cluster(
            "kube",
            ClusterArgs(
                account="123456789012",
                region="eu-west-1",
                cluster="castle-eu-west-1",
                vpc_id="vpc-1",
                app_subnet_ids={"a": "subnet-a", "b": "subnet-b", "c": "subnet-c"},
                runner_cidr="10.255.0.0/16",
                runner_connectivity=[way],
                secrets_key_arn=SECRETS,
                disk_key_arn=SECRETS,
                log_key_arn=LOGS,
                log_days=400,
                retire=retire,
            ),
            pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1")),
        )

    return run(program)


@pytest.fixture(scope="module")
def made() -> Run:
    return cluster()


@pytest.fixture(scope="module")
def asked(made: Run) -> Recorded:
    return made.one("kube-eks")


def test_auto_mode_needs_access_entries_instead_of_the_config_map(asked: Recorded) -> None:
    assert asked.inputs["autoMode"]["enabled"] is True
    assert asked.inputs["authenticationMode"] == "API"


def test_the_component_makes_no_coredns_no_node_group_and_no_instance_role(asked: Recorded) -> None:
    assert asked.inputs["corednsAddonOptions"]["enabled"] is False
    assert asked.inputs["skipDefaultNodeGroup"] is True
    assert asked.inputs["createInstanceRole"] is False


def test_a_built_in_pool_stays_for_what_aws_itself_runs(asked: Recorded) -> None:
    assert asked.inputs["autoMode"]["computeConfig"]["nodePools"] == ["system"]


def test_the_api_has_a_private_endpoint_only(asked: Recorded) -> None:
    assert asked.inputs["endpointPrivateAccess"] is True
    assert asked.inputs["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in asked.inputs  # the component throws at both


def test_the_runners_network_is_all_that_the_api_admits(made: Run) -> None:
    (rule,) = made.of("SecurityGroupIngressRule")
    assert rule.inputs["securityGroupId"] == "kube-eks-group"
    assert rule.inputs["cidrIpv4"] == "10.255.0.0/16"
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (443, 443)


def test_secrets_are_encrypted_with_a_key_of_ours(asked: Recorded) -> None:
    assert asked.inputs["encryptionConfigKeyArn"] == SECRETS


def test_every_control_plane_log_is_kept_in_a_group_that_is_there_first(made: Run, asked: Recorded) -> None:
    assert set(asked.inputs["enabledClusterLogTypes"]) == {
        *("api", "audit", "authenticator"),
        *("controllerManager", "scheduler"),
    }
    group = made.one("kube-log")
    assert group.inputs["name"] == "/aws/eks/castle-eu-west-1/cluster"
    assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"]) == (400, LOGS)
    assert group.urn in asked.depends_on


def test_the_version_is_pinned_and_extended_support_is_not_paid_for(asked: Recorded) -> None:
    assert asked.inputs["version"] == "1.35"
    assert asked.inputs["upgradePolicy"] == {"supportType": "STANDARD"}


def test_aws_refuses_to_delete_it_until_it_retires(asked: Recorded) -> None:
    assert asked.inputs["deletionProtection"] is True
    assert cluster(retire=True).one("kube-eks").inputs["deletionProtection"] is False


def test_nodes_are_in_app_subnets_of_all_zones(asked: Recorded) -> None:
    assert asked.inputs["privateSubnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]
    assert not {"subnetIds", "publicSubnetIds"} & asked.inputs.keys()


def test_the_region_comes_with_the_provider_since_the_component_has_no_other_way(
    made: Run, asked: Recorded
) -> None:
    assert asked.providers == {"aws": asked.providers["aws"]}
    assert asked.providers["aws"].startswith(made.one("aws").urn)


def test_the_kubeconfig_assumes_no_role_that_its_caller_already_is(asked: Recorded) -> None:
    """A role must trust itself to assume itself, and the deployer's trust is its owner's to write."""
    assert "providerCredentialOpts" not in asked.inputs
    assert "creationRoleProvider" not in asked.inputs


def test_both_roles_are_ours(made: Run, asked: Recorded) -> None:
    assert asked.inputs["autoMode"]["createNodeRole"] is False
    assert asked.inputs["autoMode"]["computeConfig"]["nodeRoleArn"] == "arn:kube-node"
    assert made.one("kube-service").urn in asked.depends_on


def test_eks_takes_the_service_role_for_this_cluster_alone(made: Run) -> None:
    (trust,) = json.loads(made.one("kube-service").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "eks.amazonaws.com"}
    assert set(actions(trust)) == {"sts:AssumeRole", "sts:TagSession"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "arn:aws:eks:eu-west-1:123456789012:cluster/castle-eu-west-1",
    }


def test_the_roles_may_do_what_auto_mode_asks_and_the_cluster_outlives_none_of_it(
    made: Run, asked: Recorded
) -> None:
    attached = {each.inputs["policyArn"].rsplit("/", 1)[-1] for each in made.of("RolePolicyAttachment")}
    assert attached == {
        *("AmazonEKSClusterPolicy", "AmazonEKSComputePolicy", "AmazonEKSBlockStoragePolicy"),
        *("AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy"),
        *("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"),
    }
    # By an input: what a remote component depends on by option, its children don't.
    assert {each.urn for each in made.of("RolePolicyAttachment")} <= asked.depends_on


def test_its_role_tries_the_key_of_its_secrets_for_as_long_as_it_is_there(made: Run, asked: Recorded) -> None:
    """EKS does so before an upgrade: https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html"""
    policy = made.one("kube-service-secrets")
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    assert set(statement["Action"]) == {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"}
    assert policy.urn in asked.depends_on


def test_a_new_endpoint_is_no_new_cluster_for_the_objects_in_it(made: Run) -> None:
    inside = made.one("kube-kubernetes", "kubernetes").inputs
    assert inside["clusterIdentifier"] == "castle-eu-west-1"
    assert inside["enableServerSideApply"] == "true"


def test_objects_of_a_lost_cluster_can_go_once_it_retires(made: Run) -> None:
    assert made.one("kube-kubernetes", "kubernetes").inputs["deleteUnreachable"] == "false"
    assert cluster(retire=True).one("kube-kubernetes", "kubernetes").inputs["deleteUnreachable"] == "true"


def test_network_policies_are_enforced(made: Run) -> None:
    switch = made.one("kube-network-policies")
    metadata = switch.inputs["metadata"]
    assert (metadata["namespace"], metadata["name"]) == ("kube-system", "amazon-vpc-cni")
    assert switch.inputs["data"] == {"enable-network-policy-controller": "true"}
    assert switch.provider.startswith(made.one("kube-kubernetes", "kubernetes").urn)


def test_objects_wait_until_the_runner_reaches_the_cluster(made: Run) -> None:
    way = {made.one("way").urn, made.one("kube-from-runner").urn, made.one("kube-eks").urn}
    assert way <= made.one("kube-kubernetes", "kubernetes").depends_on
