"""Who may take a cluster's roles, as IAM documents."""

from __future__ import annotations

from collections.abc import Sequence

# What EKS does for a cluster in Auto Mode.
# https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html
SERVICE_POLICIES = {
    "cluster": "AmazonEKSClusterPolicy",
    "compute": "AmazonEKSComputePolicy",
    "storage": "AmazonEKSBlockStoragePolicy",
    "balancing": "AmazonEKSLoadBalancingPolicy",
    "networking": "AmazonEKSNetworkingPolicy",
}
# What a node does itself.
# https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html
NODE_POLICIES = {
    "node": "AmazonEKSWorkerNodeMinimalPolicy",
    "images": "AmazonEC2ContainerRegistryPullOnly",
}


def service_trust(account: str, region: str, cluster: str) -> dict[str, object]:
    """EKS, for this one cluster. Auto Mode also tags its sessions."""
    condition: dict[str, object] = {
        "StringEquals": {
            "aws:SourceAccount": account,
            "aws:SourceArn": f"arn:aws:eks:{region}:{account}:cluster/{cluster}",
        }
    }
    return _trust({"Service": "eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"], condition)


def node_trust() -> dict[str, object]:
    """EC2, which sends neither account nor ARN when it gives an instance its role: a condition would lock it out."""
    return _trust({"Service": "ec2.amazonaws.com"}, ["sts:AssumeRole"], None)


def pod_trust(
    account: str, region: str, cluster: str, *, namespace: str, service_account: str
) -> dict[str, object]:
    """EKS Pod Identity, for the pods of one service account of one cluster: what it tells of them are tags of the
    session. A condition on aws:SourceArn would lock them out.

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
    """The key of nodes' and pods' disks, through EC2 alone, which needs a grant to attach a disk.

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


def people_trust(people: Sequence[str]) -> dict[str, object]:
    return _trust({"AWS": list(people)}, ["sts:AssumeRole"], None)


def find_cluster(account: str, region: str, cluster: str) -> dict[str, object]:
    """What a person needs of AWS to make a kubeconfig; all else is Kubernetes' to allow."""
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
