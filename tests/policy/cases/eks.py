"""Cases of the rules on EKS clusters and node groups."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.subnets import SUBNET, placed

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
MAP = "kubernetes:core/v1:ConfigMap"
ACCOUNT = "123456789012"
ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
ADMIN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/castle-admin"


def endpoint(**config: Any) -> dict[str, Any]:
    return {"vpcConfig": config}


def cluster_in(*zones: Any) -> list[Res]:
    return placed(CLUSTER, endpoint(subnetIds=[UNKNOWN] * len(zones)), "vpcConfig", *zones)


def side_by_side(strategy: str) -> list[Res]:
    """A node group in one zone, whose launch template names a placement group."""
    return [
        Res("aws:ec2/placementGroup:PlacementGroup", {"strategy": strategy}, "beside"),
        Res(
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"placement": {"groupName": UNKNOWN}},
            "template",
            {"placement": ["beside"]},
        ),
        Res(SUBNET, {"availabilityZone": "a"}, "s0"),
        Res(
            NODES,
            {"subnetIds": [UNKNOWN], "launchTemplate": {"id": UNKNOWN}},
            "it",
            {"subnetIds": ["s0"], "launchTemplate": ["template"]},
        ),
    ]


def nodes_in(*zones: Any, public: bool = False) -> list[Res]:
    return placed(NODES, {"subnetIds": [UNKNOWN] * len(zones)}, "subnetIds", *zones, public=public)


def switched(value: Any, name: Any = "amazon-vpc-cni") -> list[Res]:
    data = {"enable-network-policy-controller": value}
    return [
        Res(CLUSTER, {"computeConfig": {"enabled": True}}, "cluster"),
        Res(MAP, {"metadata": {"name": name, "namespace": "kube-system"}, "data": data}, "map"),
    ]


def addon(values: Any) -> list[Res]:
    return [
        Res(CLUSTER, {}, "cluster"),
        Res("aws:eks/addon:Addon", {"addonName": "vpc-cni", "configurationValues": values}, "addon"),
    ]


CASES = {
    "eks-endpoint-not-public": Cases(
        CLUSTER,
        compliant=endpoint(endpointPublicAccess=False),
        violating=endpoint(endpointPublicAccess=True),
        missing=broken(endpoint()),
        unknown=endpoint(endpointPublicAccess=UNKNOWN),
    ),
    "eks-endpoint-private-enabled": Cases(
        CLUSTER,
        compliant=endpoint(endpointPrivateAccess=True),
        violating=endpoint(endpointPrivateAccess=False),
        missing=broken(endpoint()),
        unknown=endpoint(endpointPrivateAccess=UNKNOWN),
    ),
    "eks-public-access-cidrs-restricted": Cases(
        CLUSTER,
        compliant=endpoint(endpointPublicAccess=True, publicAccessCidrs=["192.0.2.0/24"]),
        violating=endpoint(endpointPublicAccess=True, publicAccessCidrs=["192.0.2.0/24", "0.0.0.0/0"]),
        missing=broken(endpoint()),
        unknown=endpoint(endpointPublicAccess=True, publicAccessCidrs=UNKNOWN),
        more={
            "a private endpoint has none": kept(endpoint(endpointPublicAccess=False)),
            "perhaps a public endpoint": undecided(endpoint(endpointPublicAccess=UNKNOWN)),
        },
    ),
    "eks-secrets-envelope-encrypted": Cases(
        CLUSTER,
        compliant={"encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": UNKNOWN}}},
        violating={"encryptionConfig": {"resources": [], "provider": {"keyArn": UNKNOWN}}},
        missing=broken({}),
        unknown={"encryptionConfig": UNKNOWN},
        more={"without a key": broken({"encryptionConfig": {"resources": ["secrets"], "provider": {}}})},
    ),
    "eks-version-supported": Cases(
        CLUSTER,
        compliant={"version": "1.35"},
        violating={"version": "1.29"},
        missing=broken({}),
        unknown={"version": UNKNOWN},
        more={"numbers, not texts": kept({"version": "1.101"}, oldest="1.34")},
    ),
    "eks-deletion-protection": Cases(
        CLUSTER,
        compliant={"deletionProtection": True},
        violating={"deletionProtection": False},
        missing=broken({}),
        unknown={"deletionProtection": UNKNOWN},
    ),
    "eks-access-policy-not-cluster-admin": Cases(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        compliant={"policyArn": VIEW_POLICY, "principalArn": UNKNOWN},
        violating={"policyArn": ADMIN_POLICY, "principalArn": f"arn:aws:iam::{ACCOUNT}:role/viewer"},
        missing=kept({}),
        unknown={"policyArn": ADMIN_POLICY, "principalArn": UNKNOWN},
        more={
            "a listed principal": kept(
                {"policyArn": ADMIN_POLICY, "principalArn": ADMIN_ROLE},
                principals=[f"arn:aws:iam::{ACCOUNT}:role/*-admin"],
            ),
        },
    ),
    "eks-no-creator-admin": Cases(
        CLUSTER,
        compliant={"accessConfig": {"bootstrapClusterCreatorAdminPermissions": False}},
        violating={"accessConfig": {"bootstrapClusterCreatorAdminPermissions": True}},
        missing=broken({}),
        unknown={"accessConfig": {"bootstrapClusterCreatorAdminPermissions": UNKNOWN}},
        more={
            "Pulumi's component has no argument for it": kept(
                Res(CLUSTER, parent="urn:pulumi:main::castle::castle:index:Cell$eks:index:Cluster::it")
            )
        },
    ),
    "eks-subnets-span-azs": Cases(
        CLUSTER,
        compliant=cluster_in("a", "b"),
        violating=cluster_in("a", "a"),
        missing=kept(cluster_in(None, None)),
        unknown=[Res(CLUSTER, endpoint(subnetIds=UNKNOWN))],
        more={
            "a node group in one zone": broken(nodes_in("a")),
            "a node group side by side in one zone": kept(side_by_side("cluster")),
            "a node group in one zone, spread over racks": broken(side_by_side("spread")),
        },
    ),
    "eks-nodegroup-no-open-ssh": Cases(
        NODES,
        compliant={"remoteAccess": {"ec2SshKey": "key", "sourceSecurityGroupIds": [UNKNOWN]}},
        violating={"remoteAccess": {"ec2SshKey": "key", "sourceSecurityGroupIds": []}},
        missing=kept({}),
        unknown={"remoteAccess": {"ec2SshKey": "key", "sourceSecurityGroupIds": UNKNOWN}},
        more={"an unknown key is a key": broken({"remoteAccess": {"ec2SshKey": UNKNOWN}})},
    ),
    "eks-nodegroup-private-subnets": Cases(
        NODES,
        compliant=nodes_in("a", "b"),
        violating=nodes_in("a", "b", public=True),
        missing=undecided([Res(NODES, {"subnetIds": [UNKNOWN]})]),
        unknown=[Res(NODES, {"subnetIds": UNKNOWN})],
        more={"how many zones they are is another rule's to ask": kept(nodes_in("a"))},
    ),
    "eks-network-policy-enforced": Cases(
        CLUSTER,
        compliant=switched("true"),
        violating=switched("false"),
        missing=broken([Res(CLUSTER, {"computeConfig": {"enabled": True}})]),
        unknown=switched(UNKNOWN),
        more={
            "another map": broken(switched("true", "kube-proxy")),
            "perhaps another map": undecided(switched("true", UNKNOWN)),
            "the add-on": kept(addon('{"enableNetworkPolicy": "true"}')),
            "the add-on without it": broken(addon("{}")),
            "the add-on doesn't count in Auto Mode": broken(
                [
                    Res(CLUSTER, {"computeConfig": {"enabled": True}}, "c"),
                    addon('{"enableNetworkPolicy":"true"}')[1],
                ]
            ),
        },
    ),
}
