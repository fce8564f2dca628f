"""How people come to a cluster: a role of AWS for each of what they may be in Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.eks.iam_documents import find_cluster, people_trust
from components.compute.eks.rbac import group

# https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
POLICIES = {
    "viewer": "AmazonEKSViewPolicy",
    "operator": "AmazonEKSEditPolicy",
    "admin": "AmazonEKSClusterAdminPolicy",
}


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    account: str
    region: str
    cluster: str  # its name
    made: pulumi.Output[str]  # the same, once the cluster is there

    roles: Mapping[str, str]  # the roles' names, by key of `POLICIES`
    people: Sequence[str]  # ARNs of the roles from which people come


class Access(pulumi.ComponentResource):
    """The roles `viewer`, `operator` and `admin`. Who may take one is said in `castle:people`, for all cells."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Access", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        for who, policy in POLICIES.items():
            role = aws.iam.Role(
                f"{name}-{who}",
                name=args.roles[who],
                assume_role_policy=json.dumps(people_trust(args.people)),
                opts=child,
            )
            aws.iam.RolePolicy(
                f"{name}-{who}-find",
                role=role.name,
                policy=json.dumps(find_cluster(args.account, args.region, args.cluster)),
                opts=child,
            )
            entry = aws.eks.AccessEntry(
                f"{name}-{who}",
                cluster_name=args.made,
                principal_arn=role.arn,
                kubernetes_groups=[group(who)],
                opts=child,
            )
            aws.eks.AccessPolicyAssociation(
                f"{name}-{who}",
                cluster_name=args.made,
                principal_arn=entry.principal_arn,
                policy_arn=f"arn:aws:eks::aws:cluster-access-policy/{policy}",
                access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                opts=child,
            )
        self.register_outputs({})
