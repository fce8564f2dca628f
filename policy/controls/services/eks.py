"""Rules on EKS clusters and node groups: API endpoint, encryption of secrets, versions, administrators, subnets."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, any_of, as_list
from controls.language.graph import Graph, urn_type
from controls.language.network import check_private_subnets, check_two_zones, public_range
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    HIGH,
    MEDIUM,
    Config,
    Param,
    Rule,
    means_false,
    require_true,
    require_value,
    stack_rule,
)
from controls.language.shapes import parse_version
from controls.language.tokens import (
    ACCESS_POLICY,
    ADDON,
    CONFIG_MAP,
    EKS_CLUSTER,
    EKS_COMPONENT,
    LAUNCH_TEMPLATE,
    NODE_GROUP,
    PLACEMENT_GROUP,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

# The oldest version in standard support in November 2026 (Amazon EKS user guide, release calendar).
OLDEST_VERSION: Final = "1.34"

_CLUSTER_ADMIN: Final = ("/AmazonEKSClusterAdminPolicy", "/AmazonEKSAdminPolicy")


def public_ranges_narrow(node: Node) -> Verdicts:
    """CIDR ranges of a public API endpoint. AWS opens the endpoint to the whole internet when nothing is written."""
    public, listed = node.flag("vpcConfig.endpointPublicAccess"), node.get("vpcConfig.publicAccessCidrs")
    if public is False:
        return
    ranges = [UNKNOWN] if listed is UNKNOWN else as_list(listed)
    exposed: Truth = any_of(*(public_range(it) for it in ranges)) if ranges else True
    if exposed is True and public is not UNKNOWN:
        yield Fail("`vpcConfig.publicAccessCidrs` admits the internet: list the networks that may ask")
    elif exposed is not False:
        yield Undecided(
            "vpcConfig.endpointPublicAccess" if public is UNKNOWN else "vpcConfig.publicAccessCidrs"
        )


def secrets_encrypted(node: Node) -> Verdicts:
    config = node.get("encryptionConfig")
    resources = node.get("encryptionConfig.resources")
    if config is UNKNOWN or resources is UNKNOWN:
        yield Undecided("encryptionConfig")
    elif "secrets" not in as_list(resources):
        yield Fail("`encryptionConfig.resources` lacks secrets: list it, with a key of your own")
    elif not node.has("encryptionConfig.provider.keyArn"):
        yield Fail("`encryptionConfig.provider.keyArn` is missing: name a customer-managed key")


def supported(node: Node, config: Config) -> Verdicts:
    version = node.get("version")
    if version is UNKNOWN:
        yield Undecided("version")
    elif version is MISSING:
        yield Fail(f"`version` is missing, so that AWS chooses: write {config['oldest']} or a newer one")
    elif parse_version(str(version)) < parse_version(config["oldest"]):
        yield Fail(f"`version` is out of standard support: write {config['oldest']} or a newer one")


def admins_listed(node: Node, config: Config) -> Verdicts:
    policy, principal = node.get("policyArn"), node.get("principalArn")
    if isinstance(policy, str) and not policy.endswith(_CLUSTER_ADMIN):
        return
    if isinstance(principal, str) and any(fnmatchcase(principal, it) for it in config["principals"]):
        return
    if UNKNOWN in (policy, principal):
        yield Undecided("policyArn" if policy is UNKNOWN else "principalArn")
    elif policy is not MISSING:
        yield Fail("`policyArn` makes a principal administrator that isn't listed: list it, or give it less")


def no_creator_admin(node: Node) -> Verdicts:
    """The creator of a cluster isn't its administrator.

    Pulumi's own `eks.Cluster` component always makes the creator an administrator, and has no argument for it:
    there the creator's access entry has to be deleted once the cluster's own administrators can enter.
    """
    path = "accessConfig.bootstrapClusterCreatorAdminPermissions"
    if urn_type(node.parent) == EKS_COMPONENT:
        return
    value = node.get(path)
    if value is UNKNOWN:
        yield Undecided(path)
    elif not means_false(value):
        yield Fail(f"`{path}` isn't false: set it to false, and give administrators access entries")


def ssh_limited(node: Node) -> Verdicts:
    """Remote access to nodes names source security groups. A key without groups opens port 22 of the nodes to the
    internet."""
    if not node.has("remoteAccess.ec2SshKey"):
        return
    groups = node.get("remoteAccess.sourceSecurityGroupIds")
    if groups is UNKNOWN:
        yield Undecided("remoteAccess.sourceSecurityGroupIds")
    elif not as_list(groups):
        yield Fail("`remoteAccess.sourceSecurityGroupIds` is missing: name groups, or leave remoteAccess out")


def subnets_in_two_zones(graph: Graph) -> Verdicts:
    yield from check_two_zones(graph, graph.of(EKS_CLUSTER), "vpcConfig", "vpcConfig.subnetIds")
    apart = [it for it in graph.of(NODE_GROUP) if not _in_cluster_placement_group(graph, it)]
    yield from check_two_zones(graph, apart, "subnetIds")


def _in_cluster_placement_group(graph: Graph, group: Node) -> bool:
    """Returns whether a node group is in a cluster placement group, which is in one zone."""
    return any(
        beside.get("strategy") == "cluster"
        for template in graph.targets(group, "launchTemplate", LAUNCH_TEMPLATE)
        for beside in graph.targets(template, "placement", PLACEMENT_GROUP)
    )


def nodes_private(graph: Graph) -> Verdicts:
    yield from check_private_subnets(graph, graph.of(NODE_GROUP), "subnetIds")


def network_policies_enforced(graph: Graph) -> Verdicts:
    """Enforcement of network policies. In Auto Mode AWS runs the network, and the switch is a key of the
    ConfigMap `amazon-vpc-cni`; otherwise it is a setting of the add-on `vpc-cni`."""
    for cluster in graph.of(EKS_CLUSTER):
        auto = cluster.flag("computeConfig.enabled")
        if auto is UNKNOWN:
            yield Undecided("computeConfig.enabled", cluster.urn)
            continue
        types, switch = (CONFIG_MAP, _config_map_switch) if auto is True else (ADDON, _addon_switch)
        switched = any_of(*(switch(it) for it in graph.of(types)))
        if switched is UNKNOWN:
            yield Undecided("data" if auto is True else "configurationValues", cluster.urn)
        elif switched is False:
            where = (
                "enable-network-policy-controller in the ConfigMap kube-system/amazon-vpc-cni"
                if auto is True
                else "enableNetworkPolicy in the configuration of the add-on vpc-cni"
            )
            yield Fail(f'nothing enforces network policies: set {where} to "true"', cluster.urn)


def _config_map_switch(node: Node) -> Truth:
    name, namespace = node.get("metadata.name"), node.get("metadata.namespace")
    if any(
        it is not UNKNOWN and it != right
        for it, right in ((name, "amazon-vpc-cni"), (namespace, "kube-system"))
    ):
        return False
    value = node.get("data.enable-network-policy-controller")
    return UNKNOWN if UNKNOWN in (name, namespace, value) else value == "true"


def _addon_switch(node: Node) -> Truth:
    if node.get("addonName") not in ("vpc-cni", UNKNOWN):
        return False
    values = node.get("configurationValues")
    if UNKNOWN in (values, node.get("addonName")):
        return UNKNOWN
    return isinstance(values, str) and '"enableNetworkPolicy":"true"' in values.replace(" ", "")


RULES: Final = (
    require_value(
        "eks-endpoint-not-public",
        CRITICAL,
        EKS_CLUSTER,
        "vpcConfig.endpointPublicAccess",
        means_false,
        message="set it to false; AWS opens the endpoint when nothing is said",
        asks="The API endpoint can't be reached from the internet",
        fix="Set endpointPublicAccess to false and reach the API through the VPC",
        ids="EKS.1 EKS-1.8:5.4.2 CKV_AWS_39",
    ),
    require_true(
        "eks-endpoint-private-enabled",
        HIGH,
        EKS_CLUSTER,
        "vpcConfig.endpointPrivateAccess",
        asks="The API endpoint is reachable from inside the VPC",
        fix="Set endpointPrivateAccess to true",
        ids="EKS-1.8:5.4.2",
        remedy=Remedy({"vpcConfig.endpointPrivateAccess": True}),
    ),
    Rule(
        "eks-public-access-cidrs-restricted",
        CRITICAL,
        EKS_CLUSTER,
        public_ranges_narrow,
        asks="A public API endpoint admits listed networks only",
        fix="Switch the public endpoint off, or list publicAccessCidrs",
        ids="EKS.1 EKS-1.8:5.4.1 CKV_AWS_38",
        reads="vpcConfig.publicAccessCidrs vpcConfig.endpointPublicAccess",
    ),
    Rule(
        "eks-secrets-envelope-encrypted",
        HIGH,
        EKS_CLUSTER,
        secrets_encrypted,
        asks="Kubernetes secrets are encrypted with a customer-managed key",
        fix="Set encryptionConfig with resources [secrets] and a key's ARN",
        ids="EKS.3 EKS-1.8:5.3.1 CKV_AWS_58",
        reads="encryptionConfig",
    ),
    Rule(
        "eks-version-supported",
        HIGH,
        EKS_CLUSTER,
        supported,
        asks="The cluster's version is written down and in standard support",
        fix="Set version to one that AWS supports",
        ids="EKS.2 CKV_AWS_339",
        reads="version",
        config={"oldest": Param(OLDEST_VERSION, "Oldest version that may run")},
    ),
    require_true(
        "eks-deletion-protection",
        HIGH,
        EKS_CLUSTER,
        "deletionProtection",
        asks="Clusters are protected against deletion by AWS itself",
        fix="Set deletionProtection to true",
        lifted=True,
        remedy=Remedy({"deletionProtection": True}),
    ),
    Rule(
        "eks-access-policy-not-cluster-admin",
        HIGH,
        ACCESS_POLICY,
        admins_listed,
        asks="Only listed principals administer a cluster",
        fix="Use AmazonEKSViewPolicy or AmazonEKSEditPolicy, or list the principal",
        ids="EKS-1.8:4.1.1",
        reads="policyArn principalArn",
        config={"principals": Param([], "Patterns of the ARNs that may administer")},
    ),
    Rule(
        "eks-no-creator-admin",
        MEDIUM,
        EKS_CLUSTER,
        no_creator_admin,
        asks="Whoever creates a cluster isn't silently made its administrator",
        fix="Set accessConfig.bootstrapClusterCreatorAdminPermissions to false",
        narrowed="Pulumi's `eks.Cluster` always makes the creator an administrator and has no argument for it:"
        " there the entry is deleted once the cluster's own administrators can enter.",
        ids="EKS-1.8:4.1.1",
    ),
    stack_rule(
        "eks-subnets-span-azs",
        HIGH,
        EKS_CLUSTER + NODE_GROUP,
        subnets_in_two_zones,
        asks="The control plane and each node group use subnets of several zones",
        fix="List subnets of two zones or more",
        reads="vpcConfig.subnetIds subnetIds",
    ),
    Rule(
        "eks-nodegroup-no-open-ssh",
        HIGH,
        NODE_GROUP,
        ssh_limited,
        asks="Nodes can be reached by SSH from named security groups only",
        fix="Leave remoteAccess out and use Session Manager",
        ids="CKV_AWS_100",
        reads="remoteAccess",
    ),
    stack_rule(
        "eks-nodegroup-private-subnets",
        HIGH,
        NODE_GROUP,
        nodes_private,
        asks="Node groups are placed in private subnets only",
        fix="List subnets whose route tables have no route to an internet gateway",
        ids="EKS-1.8:5.4.3",
        reads="subnetIds",
    ),
    stack_rule(
        "eks-network-policy-enforced",
        MEDIUM,
        EKS_CLUSTER,
        network_policies_enforced,
        asks="Network policies are enforced in each cluster",
        fix='In Auto Mode set enable-network-policy-controller to "true" in kube-system/amazon-vpc-cni',
        narrowed="In Auto Mode there is no such add-on: AWS runs the network, and a ConfigMap switches"
        " policies on.",
        ids="EKS-1.8:4.3.1 EKS-1.8:5.4.4",
    ),
)
