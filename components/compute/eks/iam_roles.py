"""IAM roles of a cluster: trust policies, permissions, and roles with AWS managed policies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

# Managed policies of the cluster's role in Auto Mode.
# https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
SERVICE_POLICIES = {
    "cluster": "AmazonEKSClusterPolicy",
    "compute": "AmazonEKSComputePolicy",
    "storage": "AmazonEKSBlockStoragePolicy",
    "balancing": "AmazonEKSLoadBalancingPolicy",
    "networking": "AmazonEKSNetworkingPolicy",
}
# Managed policies of the nodes' role.
# https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
NODE_POLICIES = {
    "node": "AmazonEKSWorkerNodeMinimalPolicy",
    "images": "AmazonEC2ContainerRegistryPullOnly",
}


def role_with_policies(
    name: str, trust: Mapping[str, object], policies: Mapping[str, str], opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
    """Role with AWS managed policies, which are by the end of the attachments' logical names."""
    role = aws.iam.Role(name, assume_role_policy=json.dumps(trust), opts=opts)
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{key}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=opts
        )
        for key, policy in policies.items()
    ]
    return role, attachments


def service_trust(account: str, region: str, cluster: str) -> dict[str, object]:
    """Trust policy for EKS, on behalf of this one cluster. Auto Mode also tags its sessions."""
    condition: dict[str, object] = {
        "StringEquals": {
            "aws:SourceAccount": account,
            "aws:SourceArn": f"arn:aws:eks:{region}:{account}:cluster/{cluster}",
        }
    }
    return _trust({"Service": "eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"], condition)


def node_trust() -> dict[str, object]:
    """Trust policy for EC2, without conditions: it sends neither account nor ARN when it assumes the role."""
    return _trust({"Service": "ec2.amazonaws.com"}, ["sts:AssumeRole"], None)


def pod_trust(
    account: str, region: str, cluster: str, *, namespace: str, service_account: str
) -> dict[str, object]:
    """Trust policy for EKS Pod Identity, on behalf of pods of one service account of one cluster.

    The pods are identified by session tags. A condition on aws:SourceArn would deny all of them.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    https://github.com/awslabs/mountpoint-s3-csi-driver/issues/781
    """
    condition: dict[str, object] = {
        "StringEquals": {
            "aws:SourceAccount": account,
            "aws:RequestTag/eks-cluster-arn": f"arn:aws:eks:{region}:{account}:cluster/{cluster}",
            "aws:RequestTag/kubernetes-namespace": namespace,
            "aws:RequestTag/kubernetes-service-account": service_account,
        }
    }
    return _trust({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"], condition)


def use_disk_key(region: str, key_arn: str) -> dict[str, object]:
    """Policy to use the key of nodes' and pods' disks, through EC2 only, which needs a grant to attach a disk.

    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
    """
    via = {"StringEquals": {"kms:ViaService": f"ec2.{region}.amazonaws.com"}}
    use = {
        "Sid": "EncryptDisks",
        "Effect": "Allow",
        "Action": [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
        "Resource": key_arn,
        "Condition": via,
    }
    grant = {
        "Sid": "AttachDisks",
        "Effect": "Allow",
        "Action": "kms:CreateGrant",
        "Resource": key_arn,
        "Condition": {**via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
    }
    return {"Version": "2012-10-17", "Statement": [use, grant]}


def check_secrets_key(key_arn: str) -> dict[str, object]:
    """Policy to try the key of the cluster's secrets, which EKS does as the cluster's role before an upgrade.

    https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
    """
    statement = {
        "Sid": "TrySecretsKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
        "Resource": key_arn,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def people_trust(people: Sequence[str]) -> dict[str, object]:
    """Trust policy for people, by the ARNs of the roles that they have."""
    return _trust({"AWS": list(people)}, ["sts:AssumeRole"], None)


def find_cluster(account: str, region: str, cluster: str) -> dict[str, object]:
    """Policy to make a kubeconfig of the cluster; what people may do in it is Kubernetes's."""
    find = {
        "Sid": "FindCluster",
        "Effect": "Allow",
        "Action": "eks:DescribeCluster",
        "Resource": f"arn:aws:eks:{region}:{account}:cluster/{cluster}",
    }
    return {"Version": "2012-10-17", "Statement": [find]}


def _trust(
    principal: dict[str, object], actions: list[str], condition: dict[str, object] | None
) -> dict[str, object]:
    statement: dict[str, object] = {"Effect": "Allow", "Principal": principal, "Action": actions}
    if condition is not None:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}
