"""Component `eks:index:Cluster` of pulumi-eks 4.4: the children that it registers, under the same names.

An input that this stand-in doesn't build is refused, never passed over. Facts of
the plugin's behaviour are in its source, nodejs/eks/cluster/cluster.ts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes


@dataclass(frozen=True)
class _Service:
    """AWS service that assumes a role, and the policies that the role has."""

    name: str
    policies: tuple[str, ...]
    actions: list[str]
    description: str | None = None


_CONTROL_PLANE = _Service(
    "eks.amazonaws.com",
    (
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
    ),
    ["sts:AssumeRole", "sts:TagSession"],
    "Allows EKS to manage clusters on your behalf.",
)
_NODES = _Service(
    "ec2.amazonaws.com",
    ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"),
    ["sts:AssumeRole"],
)
_KNOWN = {
    "accessEntries",
    "authenticationMode",
    "autoMode",
    "clusterTags",
    "corednsAddonOptions",
    "createInstanceRole",
    "createOidcProvider",
    "deletionProtection",
    "enabledClusterLogTypes",
    "encryptionConfigKeyArn",
    "endpointPrivateAccess",
    "endpointPublicAccess",
    "ipFamily",
    "kubernetesServiceIpAddressRange",
    "name",
    "privateSubnetIds",
    "providerCredentialOpts",
    "publicSubnetIds",
    "serviceRole",
    "skipDefaultNodeGroup",
    "subnetIds",
    "tags",
    "upgradePolicy",
    "version",
    "vpcId",
}

Inputs = Mapping[str, Any]


class ServiceRole(pulumi.ComponentResource):
    """Role of a service, with AWS's managed policies attached."""

    def __init__(self, name: str, of: _Service, tags: Any, opts: pulumi.ResourceOptions) -> None:
        super().__init__("eks:index:ServiceRole", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        statement = {"Action": of.actions, "Effect": "Allow", "Principal": {"Service": [of.name]}}
        self.role = aws.iam.Role(
            f"{name}-role",
            description=of.description,
            assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            tags=tags,
            opts=child,
        )
        self.attachments = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{_digest(arn)}", policy_arn=arn, role=self.role.name, opts=child
            )
            for arn in (f"arn:aws:iam::aws:policy/{policy}" for policy in of.policies)
        ]
        self.register_outputs({"resolvedRole": self.role, "directRole": self.role})


class Cluster(pulumi.ComponentResource):
    """The EKS cluster component. `state` holds the outputs that its provider answers with."""

    def __init__(self, name: str, inputs: Inputs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("eks:index:Cluster", name, None, opts)
        self._name, self._inputs = name, inputs
        self._child = pulumi.ResourceOptions(parent=self)
        self._refuse_what_is_not_built()

        waits: list[pulumi.Resource] = []
        role = inputs.get("serviceRole")
        if role is None:
            made = self._role("eksRole", _CONTROL_PLANE)
            role, waits = made.role, [*waits, *made.attachments]
        node = None
        if inputs["autoMode"].get("createNodeRole") is not False:
            node = self._role("nodeRole", _NODES)
            waits += node.attachments
        cluster = self._cluster(role, node.role if node else None, waits)
        kubeconfig = pulumi.Output.all(
            cluster.name,
            cluster.endpoint,
            cluster.certificate_authority,
            inputs.get("providerCredentialOpts"),
            cluster.arn,
        ).apply(lambda known: _kubeconfig(*known))
        provider = kubernetes.Provider(
            f"{name}-eks-k8s", kubeconfig=kubeconfig.apply(json.dumps), opts=self._child
        )
        self._access_entries(cluster)
        if _wants_coredns(inputs):
            self._coredns(cluster)

        issuer = cluster.identities.apply(lambda known: known[0]["oidcs"][0]["issuer"])
        group = cluster.vpc_config.apply(lambda known: known["cluster_security_group_id"])
        node_name: pulumi.Input[str] = node.role.name if node else ""
        core = {
            "cluster": cluster,
            "vpcId": inputs.get("vpcId"),
            "subnetIds": self._subnets(),
            "publicSubnetIds": inputs.get("publicSubnetIds"),
            "privateSubnetIds": inputs.get("privateSubnetIds"),
            "endpoint": cluster.endpoint,
            "kubeconfig": kubeconfig,
            "provider": provider,
            "instanceRoles": [],
            "nodeGroupOptions": {"version": inputs.get("version")},
            "storageClasses": {},
            "clusterIamRole": role,
            "autoModeNodeRoleName": node_name,
            "tags": inputs.get("tags"),
        }
        self.state: dict[str, Any] = {
            "core": {key: value for key, value in core.items() if value is not None},
            "eksCluster": cluster,
            "instanceRoles": [],
            "kubeconfig": kubeconfig,
            "kubeconfigJson": kubeconfig.apply(json.dumps),
            "clusterSecurityGroupId": group,
            "nodeSecurityGroupId": group,
            "clusterIngressRuleId": "",
            "defaultNodeGroupAsgName": "",
            "fargateProfileId": "",
            "fargateProfileStatus": "",
            "oidcProviderArn": "",
            "oidcProviderUrl": issuer,
            "oidcIssuer": issuer.apply(lambda url: url.removeprefix("https://")),
            "autoModeNodeRoleName": node_name,
        }
        self.register_outputs(self.state)

    def _refuse_what_is_not_built(self) -> None:
        inputs = self._inputs
        unbuilt = sorted({key for key, value in inputs.items() if value is not None} - _KNOWN)
        if unbuilt:
            raise ValueError(f"eks.Cluster: the rehearsal doesn't build what {', '.join(unbuilt)} asks for")
        if not (inputs.get("autoMode") or {}).get("enabled"):
            raise ValueError(
                "eks.Cluster: the rehearsal builds clusters in Auto Mode only; set auto_mode.enabled"
            )
        if inputs.get("authenticationMode") not in ("API", "API_AND_CONFIG_MAP"):
            raise ValueError(
                "Access entries are required when using EKS Auto Mode. Use the authentication mode 'API' or "
                "'API_AND_CONFIG_MAP'."
            )
        if inputs.get("authenticationMode") != "API":
            raise ValueError("eks.Cluster: the rehearsal builds no aws-auth ConfigMap; use the mode 'API'")
        if inputs.get("createOidcProvider"):
            raise ValueError("eks.Cluster: the rehearsal builds no OIDC provider; use pod identity")
        if inputs.get("subnetIds") and (inputs.get("publicSubnetIds") or inputs.get("privateSubnetIds")):
            raise ValueError("eks.Cluster: subnet_ids excludes public_subnet_ids and private_subnet_ids")
        if not inputs.get("skipDefaultNodeGroup") and inputs.get("createInstanceRole") is not False:
            raise ValueError(
                "eks.Cluster: without skip_default_node_group or create_instance_role=False the plugin makes an "
                "instance role that Auto Mode has no use for; set both"
            )

    def _role(self, suffix: str, service: _Service) -> ServiceRole:
        return ServiceRole(f"{self._name}-{suffix}", service, self._inputs.get("tags"), self._child)

    def _subnets(self) -> pulumi.Input[list[str]]:
        if self._inputs.get("subnetIds") is not None:
            return self._inputs["subnetIds"]
        parts = (self._inputs.get("publicSubnetIds") or [], self._inputs.get("privateSubnetIds") or [])
        return pulumi.Output.all(*parts).apply(lambda known: [*known[0], *known[1]])

    def _cluster(
        self, role: aws.iam.Role, node_role: aws.iam.Role | None, waits: list[pulumi.Resource]
    ) -> aws.eks.Cluster:
        inputs = self._inputs
        # Behind one output, so that all three are known, or none is: the provider takes no other mix.
        auto = pulumi.Output.all(
            inputs["autoMode"].get("computeConfig") or {},
            node_role.arn if node_role is not None else None,
            inputs.get("kubernetesServiceIpAddressRange"),
            inputs.get("ipFamily"),
        ).apply(lambda known: _auto_mode(*known))
        key = inputs.get("encryptionConfigKeyArn")
        return aws.eks.Cluster(
            f"{self._name}-eksCluster",
            name=inputs.get("name"),
            role_arn=role.arn,
            compute_config=auto["compute"],
            storage_config=auto["storage"],
            kubernetes_network_config=auto["network"],
            bootstrap_self_managed_addons=False,
            vpc_config={
                "subnet_ids": self._subnets(),
                "endpoint_private_access": inputs.get("endpointPrivateAccess"),
                "endpoint_public_access": inputs.get("endpointPublicAccess"),
            },
            version=inputs.get("version"),
            enabled_cluster_log_types=inputs.get("enabledClusterLogTypes"),
            tags=pulumi.Output.all(inputs.get("clusterTags"), inputs.get("tags")).apply(
                lambda known: {"Name": f"{self._name}-eksCluster", **(known[0] or {}), **(known[1] or {})}
            ),
            encryption_config=None
            if key is None
            else {"provider": {"key_arn": key}, "resources": ["secrets"]},
            access_config={
                "authentication_mode": inputs["authenticationMode"],
                "bootstrap_cluster_creator_admin_permissions": True,
            },
            upgrade_policy=_upgrade_policy(inputs.get("upgradePolicy")),
            deletion_protection=inputs.get("deletionProtection"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=waits,
                ignore_changes=[
                    "accessConfig.bootstrapClusterCreatorAdminPermissions",
                    "bootstrapSelfManagedAddons",
                ],
            ),
        )

    def _access_entries(self, cluster: aws.eks.Cluster) -> None:
        for key, entry in (self._inputs.get("accessEntries") or {}).items():
            made = aws.eks.AccessEntry(
                f"{self._name}-{key}",
                cluster_name=cluster.name,
                principal_arn=entry["principalArn"],
                kubernetes_groups=entry.get("kubernetesGroups"),
                type=entry.get("type"),
                tags=entry.get("tags"),
                user_name=entry.get("username"),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
            )
            for policy, association in (entry.get("accessPolicies") or {}).items():
                aws.eks.AccessPolicyAssociation(
                    f"{self._name}-{key}-{policy}",
                    cluster_name=cluster.name,
                    principal_arn=entry["principalArn"],
                    policy_arn=association["policyArn"],
                    access_scope=association["accessScope"],
                    opts=pulumi.ResourceOptions(parent=made, depends_on=[made]),
                )

    def _coredns(self, cluster: aws.eks.Cluster) -> None:
        """Add-on CoreDNS, which the component makes even in Auto Mode unless it is switched off."""
        given = self._inputs.get("corednsAddonOptions") or {}
        if not given.get("version"):
            raise ValueError("eks.Cluster: set coredns_addon_options.enabled=False, or its version")
        aws.eks.Addon(
            f"{self._name}-coredns",
            cluster_name=cluster.name,
            addon_name="coredns",
            addon_version=given["version"],
            preserve=True,
            resolve_conflicts_on_create=given.get("resolveConflictsOnCreate", "OVERWRITE"),
            resolve_conflicts_on_update=given.get("resolveConflictsOnUpdate", "OVERWRITE"),
            tags=self._inputs.get("tags"),
            opts=self._child,
        )


def _wants_coredns(inputs: Inputs) -> bool:
    return (inputs.get("corednsAddonOptions") or {}).get("enabled", True)


def _auto_mode(
    compute: Inputs, node_role: str | None, range_: str | None, family: str | None
) -> dict[str, Any]:
    network: dict[str, Any] = {"ip_family": family or "ipv4", "elastic_load_balancing": {"enabled": True}}
    if range_ and (family or "ipv4") == "ipv4":
        network["service_ipv4_cidr"] = range_
    pools = {"node_pools": ["general-purpose", "system"], **_snake(compute)}
    role = {"node_role_arn": node_role} if node_role else {}
    return {
        "compute": {"enabled": True, **role, **pools},
        "storage": {"block_storage": {"enabled": True}},
        "network": network,
    }


def _snake(compute: Inputs) -> dict[str, Any]:
    """Compute config in the names that the SDK's own classes take."""
    names = {"nodePools": "node_pools", "nodeRoleArn": "node_role_arn"}
    return {names.get(key, key): value for key, value in compute.items()}


def _upgrade_policy(given: Inputs | None) -> aws.eks.ClusterUpgradePolicyArgs | None:
    return None if given is None else aws.eks.ClusterUpgradePolicyArgs(support_type=given.get("supportType"))


def _kubeconfig(
    name: str, endpoint: str, authority: Any, credentials: Inputs | None, arn: str
) -> dict[str, Any]:
    arguments = [
        "--region",
        arn.split(":")[3],
        "eks",
        "get-token",
        "--cluster-name",
        name,
        "--output",
        "json",
    ]
    if credentials and credentials.get("roleArn"):
        arguments += ["--role", credentials["roleArn"]]
    information = {
        "name": "KUBERNETES_EXEC_INFO",
        "value": '{"apiVersion": "client.authentication.k8s.io/v1beta1"}',
    }
    call = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": arguments,
        "env": [information],
    }
    server = {"server": endpoint, "certificate-authority-data": authority["data"]}
    return {
        "apiVersion": "v1",
        "clusters": [{"cluster": server, "name": "kubernetes"}],
        "contexts": [{"context": {"cluster": "kubernetes", "user": "aws"}, "name": "aws"}],
        "current-context": "aws",
        "kind": "Config",
        "users": [{"name": "aws", "user": {"exec": call}}],
    }


def _digest(text: str) -> str:
    """Eight characters by which the plugin names an attachment."""
    return hashlib.sha1(text.encode()).hexdigest()[:8]
