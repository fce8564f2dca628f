"""EKS access entries of people: an IAM role for each of viewer, operator and admin."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.eks.iam_roles import find_cluster, people_trust
from components.compute.eks.rbac import rbac_group

# https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
ACCESS_POLICIES = {
    "viewer": "AmazonEKSViewPolicy",
    "operator": "AmazonEKSEditPolicy",
    "admin": "AmazonEKSClusterAdminPolicy",
}


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    account: str
    region: str
    cluster: str  # its name
    existing_cluster_name: pulumi.Output[str]  # the same name, known once the cluster exists

    roles: Mapping[str, str]  # the roles' names, by key of `POLICIES`
    people: Sequence[str]  # ARNs of the roles that may assume them
    operated: Sequence[str]  # namespaces in which an operator may change workloads
    operator_statements: Sequence[
        Mapping[str, pulumi.Input[object]]
    ]  # of IAM, for what operators do outside the cluster


class Access(pulumi.ComponentResource):
    """Roles `viewer`, `operator` and `admin` with their access entries; `castle:people` lists who may assume them."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Access", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        for right, policy in ACCESS_POLICIES.items():
            role = aws.iam.Role(
                f"{name}-{right}",
                name=args.roles[right],
                assume_role_policy=json.dumps(people_trust(args.people)),
                opts=child,
            )
            aws.iam.RolePolicy(
                f"{name}-{right}-find",
                role=role.name,
                policy=json.dumps(find_cluster(args.account, args.region, args.cluster)),
                opts=child,
            )
            if right == "operator":
                aws.iam.RolePolicy(
                    f"{name}-{right}-may",
                    role=role.name,
                    policy=pulumi.Output.json_dumps(
                        {"Version": "2012-10-17", "Statement": args.operator_statements}
                    ),
                    opts=child,
                )
            entry = aws.eks.AccessEntry(
                f"{name}-{right}",
                cluster_name=args.existing_cluster_name,
                principal_arn=role.arn,
                kubernetes_groups=[rbac_group(right)],
                opts=child,
            )
            # Who edits a namespace can run a pod as any of its service accounts, and so has its roles in AWS.
            scope = (
                aws.eks.AccessPolicyAssociationAccessScopeArgs(
                    type="namespace", namespaces=list(args.operated)
                )
                if right == "operator"
                else aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster")
            )
            aws.eks.AccessPolicyAssociation(
                f"{name}-{right}",
                cluster_name=args.existing_cluster_name,
                principal_arn=entry.principal_arn,
                policy_arn=f"arn:aws:eks::aws:cluster-access-policy/{policy}",
                access_scope=scope,
                opts=child,
            )
        self.register_outputs({})
