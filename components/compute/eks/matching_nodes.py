"""Nodes for matching as a pod: side by side in one zone, each CPU given to one container alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.eks.iam_documents import NODE_POLICIES, node_trust, pod_trust
from components.compute.eks.node_pools import LABEL

POOL = "matching"

_NETWORK_POLICIES = {"network": "AmazonEKS_CNI_Policy"}
_NETWORK_ACCOUNT = "aws-node"  # of the add-on vpc-cni

# The role by which EC2 Auto Scaling starts instances. An account has it since its first group.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
_LAUNCHER = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"

# A node that Auto Mode doesn't run has none of what Auto Mode has built in. Their versions are AWS's defaults for the
# cluster's; these keep off Auto Mode's nodes by themselves, all but the resolver, which is told to.
# https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
_HERE: Mapping[str, object] = {
    "nodeSelector": {LABEL: POOL},
    "tolerations": [{"key": LABEL, "value": POOL, "effect": "NoSchedule"}],
}
ADD_ONS: Mapping[str, Mapping[str, object]] = {
    "kube-proxy": {},
    "eks-pod-identity-agent": {},
    "vpc-cni": {"enableNetworkPolicy": "true"},
    "coredns": {"replicaCount": 2, **_HERE},
}


@dataclass(frozen=True, kw_only=True)
class MatchingNodesArgs:
    account: str
    region: str
    cluster: str  # its name
    made: pulumi.Output[str]  # the same, once the cluster is there

    subnet_id: pulumi.Input[str]  # an app subnet: nodes side by side are in one zone
    security_group_id: pulumi.Input[str]  # of everything that runs in the cluster
    disk_key_arn: pulumi.Input[str]  # of this region

    instance_type: str
    nodes: int


class MatchingNodes(pulumi.ComponentResource):
    """A managed node group beside Auto Mode, whose node classes know no placement groups, and what its nodes need.

    A pod has CPUs of its own there if it asks for whole ones and its requests are its limits. The nodes are in one
    zone: while that is lost, matching is by the Lambda or in another cell.
    """

    def __init__(
        self, name: str, args: MatchingNodesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:compute:MatchingNodes", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        needed = self._network()
        template = self._template()
        role, attached = self._role("node", node_trust(), NODE_POLICIES)
        aws.eks.NodeGroup(
            f"{name}-group",
            cluster_name=args.made,
            node_role_arn=role.arn,
            subnet_ids=[args.subnet_id],
            ami_type="AL2023_ARM_64_STANDARD",
            capacity_type="ON_DEMAND",
            instance_types=[args.instance_type],
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=args.nodes, max_size=args.nodes, desired_size=args.nodes
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            labels={LABEL: POOL},
            taints=[aws.eks.NodeGroupTaintArgs(key=LABEL, value=POOL, effect="NO_SCHEDULE")],
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*attached, *needed, self._grant()]),
        )
        self.register_outputs({})

    def _template(self) -> aws.ec2.LaunchTemplate:
        args = self._args
        beside = aws.ec2.PlacementGroup(f"{self._name}-beside", strategy="cluster", opts=self._child)
        return aws.ec2.LaunchTemplate(
            f"{self._name}-template",
            update_default_version=True,
            placement=aws.ec2.LaunchTemplatePlacementArgs(group_name=beside.name),
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
                        volume_size=80,  # GiB
                        encrypted="true",
                        kms_key_id=args.disk_key_arn,
                        delete_on_termination="true",
                    ),
                )
            ],
            opts=self._child,
        )

    def _network(self) -> list[pulumi.Resource]:
        """What a node needs before it is ready. Its addresses are its network's to take, by a role of its own."""
        args = self._args
        trust = pod_trust(
            args.account,
            args.region,
            args.cluster,
            namespace="kube-system",
            service_account=_NETWORK_ACCOUNT,
        )
        role, attached = self._role("network", trust, _NETWORK_POLICIES)
        made: list[pulumi.Resource] = []
        for add_on, settings in ADD_ONS.items():
            own = add_on == "vpc-cni"
            made.append(
                aws.eks.Addon(
                    f"{self._name}-{add_on}",
                    cluster_name=args.made,
                    addon_name=add_on,
                    configuration_values=json.dumps(settings, sort_keys=True) if settings else None,
                    pod_identity_associations=[
                        aws.eks.AddonPodIdentityAssociationArgs(
                            role_arn=role.arn, service_account=_NETWORK_ACCOUNT
                        )
                    ]
                    if own
                    else None,
                    resolve_conflicts_on_create="OVERWRITE",
                    resolve_conflicts_on_update="OVERWRITE",
                    opts=pulumi.ResourceOptions(parent=self, depends_on=attached if own else None),
                )
            )
        return [
            each for each in made if each is not made[-1]
        ]  # the resolver comes up on the nodes themselves

    def _grant(self) -> aws.kms.Grant:
        """For the disks of instances that AWS starts by a role which no policy of ours can give anything."""
        args = self._args
        return aws.kms.Grant(
            f"{self._name}-disks",
            key_id=args.disk_key_arn,
            grantee_principal=f"arn:aws:iam::{args.account}:role/{_LAUNCHER}",
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

    def _role(
        self, which: str, trust: Mapping[str, object], policies: Mapping[str, str]
    ) -> tuple[aws.iam.Role, Sequence[pulumi.Resource]]:
        role = aws.iam.Role(f"{self._name}-{which}", assume_role_policy=json.dumps(trust), opts=self._child)
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{self._name}-{which}-{key}",
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
                opts=self._child,
            )
            for key, policy in policies.items()
        ]
        return role, attached


def user_data() -> str:
    """The kubelet's part of a node's configuration, which EKS joins with its own.

    The static policy wants CPUs set aside for the system: the first one.
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
