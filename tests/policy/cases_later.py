"""Cases of the rules on clusters, caches, firewalls and what an account has once."""

from __future__ import annotations

import base64
import json
from typing import Any

from controls.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.cases import Cases, broken, kept, undecided

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
DATASTORE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
CACHE_SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
USER = "aws:elasticache/user:User"
ACL = "aws:wafv2/webAcl:WebAcl"
ACL_RULE = "aws:wafv2/webAclRule:WebAclRule"
BOUND = "aws:wafv2/webAclAssociation:WebAclAssociation"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
BUCKET = "aws:s3/bucket:Bucket"
VPC = "aws:ec2/vpc:Vpc"
MAP = "kubernetes:core/v1:ConfigMap"
NAMESPACE = "kubernetes:core/v1:Namespace"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

ACCOUNT = "123456789012"
ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
ADMIN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/castle-admin"
FLAGS = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}
JOINS = {"globalReplicationGroupId": "ldgnf-castle"}


def endpoint(**config: Any) -> dict[str, Any]:
    return {"vpcConfig": config}


def placed(token: str, props: Any, prop: str, *zones: Any, public: bool = False) -> list[Res]:
    """Something in subnets, one for each zone, the first of them with a way to the internet if `public`."""
    names = [f"s{i}" for i in range(len(zones))]
    way_out = [
        Res("aws:ec2/internetGateway:InternetGateway", {}, "igw"),
        Res(
            "aws:ec2/routeTable:RouteTable",
            {"routes": [{"ipv6CidrBlock": "::/0", "gatewayId": UNKNOWN}]},
            "table",
            {"routes": ["igw"]},
        ),
        Res(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            {"subnetId": UNKNOWN, "routeTableId": UNKNOWN},
            "join",
            {"subnetId": names[:1], "routeTableId": ["table"]},
        ),
    ]
    return [
        *(Res(SUBNET, {"availabilityZone": zone}, name) for name, zone in zip(names, zones, strict=True)),
        Res(token, props, "it", {prop: names}),
        *(way_out if public else []),
    ]


def cluster_in(*zones: Any) -> list[Res]:
    return placed(CLUSTER, endpoint(subnetIds=[UNKNOWN] * len(zones)), "vpcConfig", *zones)


def nodes_in(*zones: Any, public: bool = False) -> list[Res]:
    return placed(NODES, {"subnetIds": [UNKNOWN] * len(zones)}, "subnetIds", *zones, public=public)


def cache_in(*zones: Any, public: bool = False) -> list[Res]:
    return placed(CACHE_SUBNETS, {"subnetIds": [UNKNOWN] * len(zones)}, "subnetIds", *zones, public=public)


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


def datastore(first: dict[str, Any], second: dict[str, Any] | None = None) -> dict[str, list[Res]]:
    """A datastore over a group in Virginia and, if given, one in Ireland that joined."""
    stacks = {
        "a": [
            Res(
                DATASTORE,
                {"globalReplicationGroupId": "ldgnf-castle", "primaryReplicationGroupId": "first"},
                "gds",
            ),
            Res(GROUP, {"id": "first", "region": "us-east-1", **first}, "group"),
        ]
    }
    return (
        stacks
        if second is None
        else stacks | {"b": [Res(GROUP, {"region": "eu-west-1", **JOINS, **second}, "group")]}
    )


def managed(*names: Any) -> list[dict[str, Any]]:
    return [
        {"statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name}}} for name in names
    ]


def rate(limit: Any, action: str = "block") -> dict[str, Any]:
    return {"rules": [{"action": {action: {}}, "statement": {"rateBasedStatement": {"limit": limit}}}]}


def denied(namespace: Any = "trading", **spec: Any) -> list[Res]:
    whole = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], **spec}
    return [
        Res(NAMESPACE, {"metadata": {"name": "trading"}}, "namespace"),
        Res(NETWORK_POLICY, {"metadata": {"namespace": namespace}, "spec": whole}, "policy"),
    ]


ALL_GROUPS = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
)
PEM = "-----BEGIN PRIVATE KEY-----"


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
        missing=kept(cluster_in("a", "b", "c")[:3] + cluster_in("a", "b")[2:]),
        unknown=[Res(CLUSTER, endpoint(subnetIds=UNKNOWN))],
        more={"a node group in one zone": broken(nodes_in("a"))},
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
    "launch-template-imdsv2-required": Cases(
        TEMPLATE,
        compliant={"metadataOptions": {"httpTokens": "required"}},
        violating={"metadataOptions": {"httpTokens": "optional"}},
        missing=broken({}),
        unknown={"metadataOptions": {"httpTokens": UNKNOWN}},
    ),
    "launch-template-no-public-ip": Cases(
        TEMPLATE,
        compliant={"networkInterfaces": [{"associatePublicIpAddress": "false"}]},
        violating={"networkInterfaces": [{"associatePublicIpAddress": "true"}]},
        missing=kept({}),
        unknown={"networkInterfaces": [{"associatePublicIpAddress": UNKNOWN}]},
    ),
    "launch-template-ebs-encrypted": Cases(
        TEMPLATE,
        compliant={"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}]},
        violating={"blockDeviceMappings": [{"ebs": {"encrypted": "false"}}]},
        missing=broken({"blockDeviceMappings": [{"ebs": {}}]}),
        unknown={"blockDeviceMappings": [{"ebs": {"encrypted": UNKNOWN}}]},
    ),
    "launch-template-no-userdata-secrets": Cases(
        TEMPLATE,
        compliant={"userData": base64.b64encode(b"#!/bin/sh").decode()},
        violating={"userData": base64.b64encode(PEM.encode()).decode()},
        missing=kept({}),
        unknown={"userData": UNKNOWN},
        more={"in clear": broken({"userData": PEM})},
    ),
    "ebs-volume-encrypted": Cases(
        "aws:ebs/volume:Volume",
        compliant={"encrypted": True},
        violating={"encrypted": False},
        missing=broken({}),
        unknown={"encrypted": UNKNOWN},
    ),
    **{
        f"elasticache-{rule}": Cases(
            GROUP,
            compliant={name: True},
            violating={name: False},
            missing=broken({}),
            unknown={name: UNKNOWN},
            more={
                "a joining member inherits it": kept(JOINS),
                "a joining member that switches it off": broken({**JOINS, name: "false"}),
            },
        )
        for rule, name in (
            ("at-rest-encrypted", "atRestEncryptionEnabled"),
            ("transit-encrypted", "transitEncryptionEnabled"),
            ("automatic-failover", "automaticFailoverEnabled"),
        )
    },
    "elasticache-auth-required": Cases(
        GROUP,
        compliant={"userGroupIds": [UNKNOWN]},
        violating={"userGroupIds": []},
        missing=broken({}),
        unknown={"userGroupIds": UNKNOWN},
        more={"a token": kept({"authToken": UNKNOWN}), "a joining member has its own": broken(JOINS)},
    ),
    "elasticache-user-least-privilege": Cases(
        USER,
        compliant={"accessString": "on ~orders:* +@read", "authenticationMode": {"type": "iam"}},
        violating={"accessString": "on ~* +@all", "authenticationMode": {"type": "iam"}},
        missing=broken({"accessString": "on ~orders:* +@read"}),
        unknown={"accessString": UNKNOWN, "authenticationMode": {"type": "iam"}},
        more={
            "without a password": broken({"accessString": "on ~a +get", "noPasswordRequired": True}),
            "without a password by its mode": broken(
                {"accessString": "on ~a +get", "authenticationMode": {"type": "no-password-required"}}
            ),
            "switched off": kept({"accessString": "off ~* -@all", "noPasswordRequired": True}),
            "all but the dangerous": kept(
                {"accessString": "on ~* +@all -@dangerous", "authenticationMode": {"type": "iam"}}
            ),
            "an unknown mode": undecided(
                {"accessString": "on ~a +get", "authenticationMode": {"type": UNKNOWN}}
            ),
        },
    ),
    "elasticache-snapshot-retention": Cases(
        GROUP,
        compliant={"snapshotRetentionLimit": 7},
        violating={"snapshotRetentionLimit": 0},
        missing=broken({}),
        unknown={"snapshotRetentionLimit": UNKNOWN},
        more={"more days are asked for": broken({"snapshotRetentionLimit": 7}, minDays=14)},
    ),
    "elasticache-custom-subnet-group": Cases(
        GROUP,
        compliant={"subnetGroupName": "castle"},
        violating={"subnetGroupName": "default"},
        missing=broken({}),
        unknown={"subnetGroupName": UNKNOWN},
    ),
    "elasticache-private-subnets": Cases(
        CACHE_SUBNETS,
        compliant=cache_in("a", "b"),
        violating=cache_in("a", "b", public=True),
        missing=broken(cache_in("a")),
        unknown=[Res(CACHE_SUBNETS, {"subnetIds": UNKNOWN})],
    ),
    "elasticache-global-secondary-region": Cases(
        DATASTORE,
        compliant=datastore({}, {}),
        violating=datastore({}, {"region": "us-east-1"}),
        missing=broken(datastore({})),
        unknown={
            **datastore({}),
            "b": [Res(GROUP, {"globalReplicationGroupId": UNKNOWN, "region": "eu-west-1"})],
        },
    ),
    "elasticache-global-encryption-consistent": Cases(
        DATASTORE,
        compliant=datastore({"transitEncryptionEnabled": True}, {"transitEncryptionEnabled": "true"}),
        violating=datastore({"atRestEncryptionEnabled": True}, {"atRestEncryptionEnabled": False}),
        missing=kept(datastore({"transitEncryptionEnabled": True}, {})),
        unknown=datastore({"transitEncryptionEnabled": True}, {"transitEncryptionEnabled": UNKNOWN}),
        more={"one without users": broken(datastore({"userGroupIds": ["a"]}, {}))},
    ),
    "waf-has-rules": Cases(
        ACL,
        compliant=[Res(ACL, {"rules": managed("AWSManagedRulesCommonRuleSet")})],
        violating=[Res(ACL, {"rules": []})],
        missing=broken([Res(ACL, {})]),
        unknown=[Res(ACL, {"rules": UNKNOWN})],
        more={
            "as JSON": kept([Res(ACL, {"ruleJson": '[{"Name": "a"}]'})]),
            "as resources": kept(
                [Res(ACL, {}, "acl"), Res(ACL_RULE, {"webAclArn": UNKNOWN}, "r", {"webAclArn": ["acl"]})]
            ),
        },
    ),
    "waf-managed-rule-groups": Cases(
        ACL,
        compliant={"rules": managed(*ALL_GROUPS)},
        violating={"rules": managed(*ALL_GROUPS[1:])},
        missing=broken({}),
        unknown={"rules": UNKNOWN},
        more={
            "as JSON": kept(
                {
                    "ruleJson": json.dumps(
                        [{"Statement": {"ManagedRuleGroupStatement": {"Name": name}}} for name in ALL_GROUPS]
                    )
                }
            ),
            "one that is unknown may be the missing one": undecided(
                {"rules": [*managed(*ALL_GROUPS[1:]), UNKNOWN]}
            ),
            "fewer are asked for": kept({"rules": managed(ALL_GROUPS[0])}, groups=[ALL_GROUPS[0]]),
        },
    ),
    "waf-rate-limit": Cases(
        ACL,
        compliant=rate(2000),
        violating=rate(2_000_000),
        missing=broken({"rules": managed(*ALL_GROUPS)}),
        unknown=rate(UNKNOWN),
        more={
            "one that only counts": broken(rate(2000, "count")),
            "a lower ceiling": broken(rate(2000), ceiling=100),
        },
    ),
    "alb-waf-associated": Cases(
        BALANCER,
        compliant=[
            Res(BALANCER, {}, "lb"),
            Res(BOUND, {"resourceArn": UNKNOWN}, "bound", {"resourceArn": ["lb"]}),
        ],
        violating=[Res(BALANCER, {"internal": False})],
        missing=broken([Res(BALANCER, {})]),
        unknown=[Res(BALANCER, {"internal": UNKNOWN})],
        more={
            "an internal one": kept([Res(BALANCER, {"internal": True})]),
            "one that speaks no HTTP": kept([Res(BALANCER, {"loadBalancerType": "network"})]),
        },
    ),
    "cloudfront-waf-associated": Cases(
        DISTRIBUTION,
        compliant={"webAclId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/castle/1"},
        violating={"webAclId": ""},
        missing=broken({}),
        unknown={"webAclId": UNKNOWN},
    ),
    "shield-protects-public-entry": Cases(
        BALANCER,
        compliant=kept(
            {
                "a": [Res(BALANCER, {"arn": "arn:lb"}, "lb")],
                "edge": [Res("aws:shield/protection:Protection", {"resourceArn": "arn:lb"}, "shield")],
            },
            bought=True,
        ),
        violating=broken({"a": [Res(BALANCER, {"arn": "arn:lb"})]}, bought=True),
        missing=kept({"a": [Res(BALANCER, {})]}),
        unknown=broken({"a": [Res(BALANCER, {"internal": UNKNOWN})]}, bought=True),
        more={"an internal one": kept({"a": [Res(BALANCER, {"internal": True})]}, bought=True)},
    ),
    "s3-account-public-access-blocked": Cases(
        BUCKET,
        compliant={"a": [Res(BUCKET)], "edge": [Res(BLOCK, FLAGS)]},
        violating={"a": [Res(BUCKET)], "edge": [Res(BLOCK, {**FLAGS, "blockPublicAcls": False})]},
        missing=broken({"a": [Res(BUCKET)]}),
        unknown={"edge": [Res(BLOCK, {**FLAGS, "blockPublicAcls": UNKNOWN})]},
    ),
    "ebs-encryption-by-default": Cases(
        VPC,
        compliant={
            "a": [
                Res(VPC, {"region": "eu-west-1"}, "vpc"),
                Res("aws:ebs/encryptionByDefault:EncryptionByDefault", {"region": "eu-west-1"}, "ebs"),
            ]
        },
        violating={
            "a": [
                Res(VPC, {"region": "eu-west-1"}, "vpc"),
                Res(
                    "aws:ebs/encryptionByDefault:EncryptionByDefault",
                    {"region": "eu-west-1", "enabled": False},
                    "ebs",
                ),
            ]
        },
        missing=broken({"a": [Res(VPC, {"region": "eu-west-1"})]}),
        unknown={
            "a": [
                Res(VPC, {"region": "eu-west-1"}, "vpc"),
                Res(
                    "aws:ebs/encryptionByDefault:EncryptionByDefault",
                    {"region": "eu-west-1", "enabled": UNKNOWN},
                    "ebs",
                ),
            ]
        },
    ),
    "k8s-configmap-no-secrets": Cases(
        MAP,
        compliant={"data": {"log-level": "info"}},
        violating={"data": {"config.yaml": PEM}},
        missing=kept({}),
        unknown={"data": {"config.yaml": UNKNOWN}},
        more={
            "by the name of the key": broken({"data": {"db-password": "hunter2"}}),
            "an empty one": kept({"data": {"db-password": ""}}),
            "all of it": undecided({"data": UNKNOWN}),
        },
    ),
    "k8s-namespace-enforces-restricted": Cases(
        NAMESPACE,
        compliant={"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}},
        violating={"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}},
        missing=broken({}),
        unknown={"metadata": {"labels": {"pod-security.kubernetes.io/enforce": UNKNOWN}}},
    ),
    "k8s-namespace-default-deny": Cases(
        NAMESPACE,
        compliant=denied(),
        violating=denied(ingress=[{}]),
        missing=broken([Res(NAMESPACE, {"metadata": {"name": "trading"}})]),
        unknown=denied(UNKNOWN),
        more={
            "one direction": broken(denied(policyTypes=["Ingress"])),
            "some pods": broken(denied(podSelector={"matchLabels": {"app": "x"}})),
            "another namespace": broken(denied("other")),
            "by its dependency": kept(
                [
                    Res(NAMESPACE, {"metadata": {"name": UNKNOWN}}, "namespace"),
                    Res(
                        NETWORK_POLICY,
                        {
                            "metadata": {"namespace": UNKNOWN},
                            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
                        },
                        "policy",
                        {"metadata": ["namespace"]},
                    ),
                ]
            ),
        },
    ),
}
