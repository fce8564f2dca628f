"""EKS cluster of a cell in Auto Mode, whose private API endpoint only the runner's network may reach."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s

from components.compute.eks.iam_roles import (
    NODE_POLICIES,
    SERVICE_POLICIES,
    check_secrets_key,
    node_trust,
    role_with_policies,
    service_trust,
    use_disk_key,
)

VERSION = "1.35"
# Set explicitly, so that network policies can name it: AWS chooses this or 10.100.0.0/16, which a cell may have.
SERVICE_CIDR = "172.20.0.0/16"
DNS_RESOLVER = "172.20.0.10"  # of the cluster's DNS: always the tenth address
LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    account: str
    region: str
    cluster: str  # its name

    vpc_id: pulumi.Input[str]
    app_subnet_ids: Mapping[str, pulumi.Input[str]]  # by zone letter
    runner_cidr: str  # the only network that reaches the API
    runner_connectivity: Sequence[pulumi.Resource]  # the peering and routes from there; objects wait for them

    secrets_key_arn: pulumi.Input[str]  # of this region
    disk_key_arn: pulumi.Input[str]  # of this region; for the disks of nodes and pods
    log_key_arn: pulumi.Input[str]  # of this region
    log_days: int

    retire: bool


class Cluster(pulumi.ComponentResource):
    """EKS cluster whose nodes, volumes and networking AWS runs, with network policies enforced.

    The component of `pulumi_eks` makes the role that creates the cluster its administrator, without an argument to
    prevent it; that role is the deployer's, which creates objects in the cluster anyway. The kubeconfig assumes no
    role: whoever runs this is the deployer already, and a role may assume itself only if it trusts itself.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """

    # Known once the cluster exists, so that what uses the name is created after it and deleted before it. depends_on
    # wouldn't do: to depend on a remote component is not to depend on its children.
    name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]  # of everything that runs in the cluster
    node_role: pulumi.Output[str]  # the name of the role that its nodes have
    # Objects created with it wait for the cluster and the connectivity to it, and are deleted before either.
    kubernetes: k8s.Provider
    enforcement: k8s.core.v1.ConfigMap  # of network policies

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Cluster", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        # Of the cluster, and of what it is known after: replaced, that would replace the cluster.
        self._kept = pulumi.ResourceOptions(parent=self, protect=not args.retire)

        log_group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            # The name is EKS's choice; EKS itself would create the group without key and retention.
            name=f"/aws/eks/{args.cluster}/cluster",
            retention_in_days=args.log_days,
            kms_key_id=args.log_key_arn,
            opts=self._kept,
        )
        eks_cluster = self._cluster(log_group)
        self.security_group_id = pulumi.Output.from_input(eks_cluster.cluster_security_group_id)
        self.name = self.security_group_id.apply(lambda _: args.cluster)
        runner_ingress = aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-runner",
            security_group_id=self.security_group_id,
            description="From the runner, to the API",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=args.runner_cidr,
            opts=self._child,
        )
        self.kubernetes, self.enforcement = self._objects(
            eks_cluster, [runner_ingress, *args.runner_connectivity]
        )
        self.register_outputs({"security_group_id": self.security_group_id})

    def _cluster(self, log_group: aws.cloudwatch.LogGroup) -> eks.Cluster:
        args = self._args
        trust = service_trust(args.account, args.region, args.cluster)
        service, service_attached = role_with_policies(
            f"{self._name}-service", trust, SERVICE_POLICIES, self._kept
        )
        node, node_attached = role_with_policies(
            f"{self._name}-node", node_trust(), NODE_POLICIES, self._kept
        )
        self.node_role = node.name
        disks = aws.iam.RolePolicy(
            f"{self._name}-service-disks",
            role=service.name,
            policy=pulumi.Output.from_input(args.disk_key_arn).apply(
                lambda arn: json.dumps(use_disk_key(args.region, arn))
            ),
            opts=self._child,
        )
        secrets = aws.iam.RolePolicy(
            f"{self._name}-service-secrets",
            role=service.name,
            policy=pulumi.Output.from_input(args.secrets_key_arn).apply(
                lambda arn: json.dumps(check_secrets_key(arn))
            ),
            opts=self._child,
        )
        attached = [disks, secrets, *service_attached, *node_attached]
        return eks.Cluster(
            f"{self._name}-eks",
            name=args.cluster,
            version=VERSION,
            authentication_mode=eks.AuthenticationMode.API,
            # Known once its policies are attached, which outlive the cluster; depends_on wouldn't do.
            service_role=pulumi.Output.all(log_group.id, *(each.id for each in attached)).apply(
                lambda _: service
            ),
            auto_mode=eks.AutoModeOptionsArgs(
                enabled=True,
                create_node_role=False,
                # Without a built-in pool no node would run AWS's own add-ons.
                compute_config=eks.ClusterComputeConfigArgs(node_pools=["system"], node_role_arn=node.arn),
            ),
            # Auto Mode has its own nodes and CoreDNS; the component would add a second of each.
            skip_default_node_group=True,
            create_instance_role=False,
            coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
            vpc_id=args.vpc_id,
            private_subnet_ids=list(args.app_subnet_ids.values()),
            kubernetes_service_ip_address_range=SERVICE_CIDR,
            endpoint_private_access=True,
            endpoint_public_access=False,
            encryption_config_key_arn=args.secrets_key_arn,
            enabled_cluster_log_types=LOG_TYPES,
            deletion_protection=not args.retire,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            opts=pulumi.ResourceOptions(
                parent=self,
                # Remote components have no argument `region`: theirs is that of the provider.
                providers=[self._aws_provider()],
                protect=not args.retire,
            ),
        )

    def _aws_provider(self) -> pulumi.ProviderResource:
        provider = self.get_provider("aws:eks/cluster:Cluster")
        assert provider is not None, "the cell has none"
        return provider

    def _objects(
        self, eks_cluster: eks.Cluster, connectivity: Sequence[pulumi.Resource]
    ) -> tuple[k8s.Provider, k8s.core.v1.ConfigMap]:
        kubernetes = k8s.Provider(
            f"{self._name}-kubernetes",
            kubeconfig=eks_cluster.kubeconfig_json,
            # Identity of the cluster, so that a new endpoint or certificate doesn't count as a new cluster.
            cluster_identifier=self._args.cluster,
            enable_server_side_apply=True,
            delete_unreachable=self._args.retire,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[eks_cluster, *connectivity]),
        )
        # Auto Mode enforces network policies only with this; otherwise they are accepted and have no effect.
        # https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
        enforcement = k8s.core.v1.ConfigMap(
            f"{self._name}-network-policies",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="amazon-vpc-cni", namespace="kube-system"),
            data={"enable-network-policy-controller": "true"},
            opts=pulumi.ResourceOptions(parent=self, provider=kubernetes),
        )
        return kubernetes, enforcement
