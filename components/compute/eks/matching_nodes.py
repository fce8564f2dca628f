"""Managed node group for matching as a pod: one placement group in one zone, and CPUs pinned to containers."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.eks.iam_roles import NODE_POLICIES, node_trust, pod_trust, role_with_policies
from components.compute.eks.node_pools import POOL_LABEL

POOL = "matching"

DISK_GIB = 80  # of each node
_VPC_CNI_POLICIES = {"network": "AmazonEKS_CNI_Policy"}
_VPC_CNI_SERVICE_ACCOUNT = "aws-node"

# Service-linked role by which EC2 Auto Scaling starts instances. An account has it since its first group.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
_AUTO_SCALING_ROLE = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"

# Add-ons that Auto Mode has built in and a managed node group needs. Their versions are AWS's defaults for the
# cluster's version. None of them runs on nodes of Auto Mode, CoreDNS since it selects these nodes.
# https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
_ON_THESE_NODES: Mapping[str, object] = {
    "nodeSelector": {POOL_LABEL: POOL},
    "tolerations": [{"key": POOL_LABEL, "value": POOL, "effect": "NoSchedule"}],
}
ADD_ONS: Mapping[str, Mapping[str, object]] = {
    "kube-proxy": {},
    "eks-pod-identity-agent": {},
    "vpc-cni": {"enableNetworkPolicy": "true"},
    "coredns": {"replicaCount": 2, **_ON_THESE_NODES},
}


@dataclass(frozen=True, kw_only=True)
class MatchingNodesArgs:
    account: str
    region: str
    cluster: str  # its name
    existing_cluster_name: pulumi.Output[str]  # the same name, known once the cluster exists

    subnet_id: pulumi.Input[str]  # an app subnet: a cluster placement group is in one zone
    security_group_id: pulumi.Input[str]  # of everything that runs in the cluster
    disk_key_arn: pulumi.Input[str]  # of this region

    instance_type: str
    nodes: int


class MatchingNodes(pulumi.ComponentResource):
    """Managed node group beside Auto Mode, which has no placement groups, with the add-ons of its nodes.

    A pod has CPUs of its own there if it requests whole ones and its requests equal its limits. The nodes are in one
    zone: while that is lost, the Lambda does the matching, or another cell.
    """

    def __init__(
        self, name: str, args: MatchingNodesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:compute:MatchingNodes", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        add_ons = self._add_ons()
        template = self._template()
        role, attached = role_with_policies(f"{name}-node", node_trust(), NODE_POLICIES, self._child)
        aws.eks.NodeGroup(
            f"{name}-group",
            cluster_name=args.existing_cluster_name,
            node_role_arn=role.arn,
            subnet_ids=[args.subnet_id],
            ami_type="AL2023_ARM_64_STANDARD",
            capacity_type="ON_DEMAND",
            instance_types=[args.instance_type],
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=args.nodes, max_size=args.nodes, desired_size=args.nodes
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            labels={POOL_LABEL: POOL},
            taints=[aws.eks.NodeGroupTaintArgs(key=POOL_LABEL, value=POOL, effect="NO_SCHEDULE")],
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*attached, *add_ons, self._disk_key_grant()]
            ),
        )
        self.register_outputs({})

    def _template(self) -> aws.ec2.LaunchTemplate:
        args = self._args
        placement_group = aws.ec2.PlacementGroup(f"{self._name}-beside", strategy="cluster", opts=self._child)
        return aws.ec2.LaunchTemplate(
            f"{self._name}-template",
            update_default_version=True,
            placement=aws.ec2.LaunchTemplatePlacementArgs(group_name=placement_group.name),
            vpc_security_group_ids=[args.security_group_id],
            user_data=base64.b64encode(user_data().encode()).decode(),
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=DISK_GIB,
                        encrypted="true",
                        kms_key_id=args.disk_key_arn,
                        delete_on_termination="true",
                    ),
                )
            ],
            opts=self._child,
        )

    def _add_ons(self) -> list[pulumi.Resource]:
        """Add-ons of the nodes, returned without CoreDNS, which starts on them. Only vpc-cni has its own role."""
        args = self._args
        trust = pod_trust(
            args.account,
            args.region,
            args.cluster,
            namespace="kube-system",
            service_account=_VPC_CNI_SERVICE_ACCOUNT,
        )
        role, attached = role_with_policies(f"{self._name}-network", trust, _VPC_CNI_POLICIES, self._child)
        add_ons: dict[str, pulumi.Resource] = {}
        for add_on, settings in ADD_ONS.items():
            identity = aws.eks.AddonPodIdentityAssociationArgs(
                role_arn=role.arn, service_account=_VPC_CNI_SERVICE_ACCOUNT
            )
            is_vpc_cni = add_on == "vpc-cni"
            add_ons[add_on] = aws.eks.Addon(
                f"{self._name}-{add_on}",
                cluster_name=args.existing_cluster_name,
                addon_name=add_on,
                configuration_values=json.dumps(settings, sort_keys=True) if settings else None,
                pod_identity_associations=[identity] if is_vpc_cni else None,
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
                opts=pulumi.ResourceOptions(parent=self, depends_on=attached if is_vpc_cni else None),
            )
        return [add_ons[add_on] for add_on in add_ons if add_on != "coredns"]

    def _disk_key_grant(self) -> aws.kms.Grant:
        """Grant on the disks' key for the service-linked role, to which no policy can be attached."""
        args = self._args
        return aws.kms.Grant(
            f"{self._name}-disks",
            key_id=args.disk_key_arn,
            grantee_principal=f"arn:aws:iam::{args.account}:role/{_AUTO_SCALING_ROLE}",
            operations=[
                "CreateGrant",
                "Decrypt",
                "DescribeKey",
                "Encrypt",
                "GenerateDataKey",
                "GenerateDataKeyWithoutPlaintext",
                "ReEncryptFrom",
                "ReEncryptTo",
            ],
            opts=self._child,
        )


def user_data() -> str:
    """User data of a node: the kubelet's configuration, which EKS merges with its own.

    The static CPU manager policy requires CPUs reserved for the system: the first one.
    https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/
    https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/#static-policy
    """
    kubelet = {
        "cpuManagerPolicy": "static",
        "topologyManagerPolicy": "single-numa-node",
        "reservedSystemCPUs": "0",
    }
    node = {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"kubelet": {"config": kubelet}},
    }
    lines = [
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="//"',
        "",
        "--//",
        "Content-Type: application/node.eks.aws",
        "",
        json.dumps(node, indent=2),  # which YAML reads, too
        "--//--",
        "",
    ]
    return "\n".join(lines)
