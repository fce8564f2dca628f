"""KEDA and the metrics server of a cluster: with them services scale on CPU, memory and CloudWatch metrics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.compute.eks.iam_roles import pod_trust
from components.compute.eks.pod_security import POD_IDENTITY_AGENT, cidr_peer, tcp_ports
from components.security_group_rules import ANYWHERE

# The chart names its images, by tag and from its authors' registry.
CHART = "keda"
CHART_VERSION = "2.20.2"
CHART_REPOSITORY = "https://kedacore.github.io/charts"

NAMESPACE = "keda"
OPERATOR = "keda-operator"  # the chart's own name of its pods and of their service account
REPLICAS = 2  # of each part, and of the metrics server
INSTALL_SECONDS = 600  # in which the chart's pods have to be ready
# The chart's parts: the key of their replicas, and the key of their security contexts and disruption budgets.
_PARTS = {
    "operator": "operator",
    "metricsServer": "metricServer",
    "webhooks": "webhooks",
}

# On AWS's built-in node pool, beside the add-ons of AWS: it doesn't scale with the services.
_SYSTEM_NODES = {
    "nodeSelector": {"karpenter.sh/nodepool": "system"},
    "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
}

# Ports of KEDA's pods.
_METRICS_API_PORT = 6443
_WEBHOOK_PORT = 9443
_OPERATOR_METRICS_PORT = 9666


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    account: str
    region: str
    cluster: str  # its name
    existing_cluster_name: pulumi.Output[str]  # the same name, known once the cluster exists
    kubernetes: k8s.Provider

    namespace: pulumi.Input[str]
    confined_namespace: pulumi.Input[str]  # the same, known once its quota and policies are there
    priority_class: pulumi.Input[str]
    api_cidrs: Sequence[str]  # from which the API server calls KEDA's metrics API and webhooks


class Scaling(pulumi.ComponentResource):
    """Metrics server as an EKS add-on, and KEDA from its Helm chart, with a role that reads CloudWatch metrics.

    The add-on's version is AWS's default for the cluster's version: the versions on offer differ by region and by
    month, and one that is gone would keep a cell from coming up. AWS changes it only on request.
    """

    keda: pulumi.Resource  # the chart; before it is there, the cluster has no ScaledObject

    def __init__(self, name: str, args: ScalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Scaling", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        aws.eks.Addon(
            f"{name}-metrics",
            cluster_name=args.existing_cluster_name,
            addon_name="metrics-server",
            configuration_values=json.dumps({"replicas": REPLICAS, **_SYSTEM_NODES}, sort_keys=True),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=self._child,
        )
        in_cluster = pulumi.ResourceOptions(parent=self, provider=args.kubernetes)
        self.keda = k8s.helm.v3.Release(
            f"{name}-keda",
            name="keda",
            chart=CHART,
            version=CHART_VERSION,
            repository_opts=k8s.helm.v3.RepositoryOptsArgs(repo=CHART_REPOSITORY),
            namespace=args.confined_namespace,
            atomic=True,  # a failed upgrade leaves what was there
            timeout=INSTALL_SECONDS,
            values={**keda_values(), "priorityClassName": args.priority_class},
            opts=pulumi.ResourceOptions.merge(
                in_cluster,
                pulumi.ResourceOptions(depends_on=[self._identity(), *self._network_policies(in_cluster)]),
            ),
        )
        self.register_outputs({})

    def _identity(self) -> aws.eks.PodIdentityAssociation:
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-keda",
            assume_role_policy=json.dumps(
                pod_trust(
                    args.account,
                    args.region,
                    args.cluster,
                    namespace=NAMESPACE,
                    service_account=OPERATOR,
                )
            ),
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-keda",
            role=role.name,
            policy=json.dumps(read_metrics(args.region)),
            opts=self._child,
        )
        return aws.eks.PodIdentityAssociation(
            f"{self._name}-keda",
            cluster_name=args.existing_cluster_name,
            namespace=args.namespace,
            service_account=OPERATOR,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _network_policies(self, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return [
            k8s.networking.v1.NetworkPolicy(
                f"{self._name}-{key}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=key, namespace=self._args.namespace),
                spec=spec,
                opts=opts,
            )
            for key, spec in (
                ("keda-asked", _ingress_policy(self._args.api_cidrs)),
                ("keda-asks", _egress_policy()),
            )
        ]


def keda_values() -> dict[str, object]:
    """Values of the chart. What the standard `restricted` requires is written out, though it is the chart's default.

    https://github.com/kedacore/charts/blob/main/keda/values.yaml
    """
    pod = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    labels = {
        "operator": OPERATOR,
        "metricsServer": f"{OPERATOR}-metrics-apiserver",
        "webhooks": "keda-admission-webhooks",
    }
    values: dict[str, object] = {part: {"replicaCount": REPLICAS, **_SYSTEM_NODES} for part in _PARTS}
    return values | {
        "podSecurityContext": dict.fromkeys(_PARTS.values(), pod),
        "securityContext": dict.fromkeys(_PARTS.values(), container),
        "podDisruptionBudget": {part: {"minAvailable": 1} for part in _PARTS.values()},
        "topologySpreadConstraints": {part: [_over_zones(labels[part])] for part in _PARTS},
        "image": {"pullPolicy": "IfNotPresent"},
    }


def _over_zones(app: str) -> dict[str, object]:
    return {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": app}},
    }


def read_metrics(region: str) -> dict[str, object]:
    """Policy to read CloudWatch metrics of one region; cloudwatch:GetMetricData supports no resources.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    """
    statement = {
        "Sid": "ReadMetrics",
        "Effect": "Allow",
        "Action": "cloudwatch:GetMetricData",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _own_pods() -> k8s.networking.v1.NetworkPolicyPeerArgs:
    return k8s.networking.v1.NetworkPolicyPeerArgs(pod_selector=k8s.meta.v1.LabelSelectorArgs())


def _ingress_policy(api_cidrs: Sequence[str]) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Ingress of KEDA's pods: from the API server's interfaces in the app subnets, and from each other."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(),
        policy_types=["Ingress"],
        ingress=[
            k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                from_=[cidr_peer(cidr) for cidr in api_cidrs],
                ports=tcp_ports(_METRICS_API_PORT, _WEBHOOK_PORT),
            ),
            k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                from_=[_own_pods()], ports=tcp_ports(_OPERATOR_METRICS_PORT)
            ),
        ],
    )


def _egress_policy() -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Egress of KEDA's pods: to the API server and CloudWatch, whose addresses aren't fixed, and to each other."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(),
        policy_types=["Egress"],
        egress=[
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=[cidr_peer(ANYWHERE)], ports=tcp_ports(443)),
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(
                to=[cidr_peer(POD_IDENTITY_AGENT)], ports=tcp_ports(80)
            ),
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(
                to=[_own_pods()], ports=tcp_ports(_OPERATOR_METRICS_PORT)
            ),
        ],
    )
