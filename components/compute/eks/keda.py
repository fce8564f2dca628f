"""What services scale by: the metrics of their pods, and KEDA, which also asks CloudWatch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.compute.eks.iam_documents import pod_trust

# Its images are named by the chart: by tag, from the registry that it comes from.
CHART = "keda"
CHART_VERSION = "2.20.2"
CHARTS = "https://kedacore.github.io/charts"

NAMESPACE = "keda"
OPERATOR = "keda-operator"  # the chart's own name of its pods and of their service account
_PARTS = {
    "operator": "operator",
    "metricsServer": "metricServer",
    "webhooks": "webhooks",
}  # as it has settings

# On AWS's own nodes, beside what AWS puts into the cluster: what the services scale by is not scaled with them.
_PLACE = {
    "nodeSelector": {"karpenter.sh/nodepool": "system"},
    "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
}

_METRICS_OF_THE_OPERATOR = 9666
# Where pods get credentials. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
IDENTITY_AGENT = "169.254.170.23/32"


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    account: str
    region: str
    cluster: str  # its name
    made: pulumi.Output[str]  # the same, once the cluster is there
    kubernetes: k8s.Provider

    namespace: pulumi.Input[str]  # of KEDA, once it confines its pods
    priority_class: pulumi.Input[str]
    api_cidrs: Sequence[str]  # from which the API server asks those that answer for it


class Scaling(pulumi.ComponentResource):
    """Metrics of pods, and KEDA: two of each of its parts, restricted, with CloudWatch's metrics to read.

    The version of the metrics server is AWS's default for the cluster's: the versions that exist differ by region and
    by month, and one that is gone would keep a cell from coming up. AWS changes it only when it is asked to.
    """

    def __init__(self, name: str, args: ScalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:compute:Scaling", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        aws.eks.Addon(
            f"{name}-metrics",
            cluster_name=args.made,
            addon_name="metrics-server",
            configuration_values=json.dumps({"replicas": 2, **_PLACE}, sort_keys=True),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=self._child,
        )
        inside = pulumi.ResourceOptions(parent=self, provider=args.kubernetes)
        k8s.helm.v3.Release(
            f"{name}-keda",
            name="keda",
            chart=CHART,
            version=CHART_VERSION,
            repository_opts=k8s.helm.v3.RepositoryOptsArgs(repo=CHARTS),
            namespace=args.namespace,
            atomic=True,  # a failed upgrade leaves what was there
            timeout=600,
            values={**keda_values(), "priorityClassName": args.priority_class},
            opts=pulumi.ResourceOptions.merge(
                inside, pulumi.ResourceOptions(depends_on=[self._identity(), *self._ways(inside)])
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
            cluster_name=args.made,
            namespace=args.namespace,
            service_account=OPERATOR,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _ways(self, inside: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        """Who reaches KEDA's pods, and whom they reach."""
        return [
            k8s.networking.v1.NetworkPolicy(
                f"{self._name}-{key}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=key, namespace=self._args.namespace),
                spec=spec,
                opts=inside,
            )
            for key, spec in (("keda-asked", _asked(self._args.api_cidrs)), ("keda-asks", _asks()))
        ]


def keda_values() -> dict[str, object]:
    """The chart's settings. What `restricted` asks is said here, though the chart has it by default.

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
    values: dict[str, object] = {part: {"replicaCount": 2, **_PLACE} for part in _PARTS}
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
    """CloudWatch knows no resources of metrics, so the region is what can be named.

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


def _ports(*ports: int) -> list[k8s.networking.v1.NetworkPolicyPortArgs]:
    return [k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=port) for port in ports]


def _block(cidr: str) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    return k8s.networking.v1.NetworkPolicyPeerArgs(ip_block=k8s.networking.v1.IPBlockArgs(cidr=cidr))


def _neighbours() -> k8s.networking.v1.NetworkPolicyPeerArgs:
    return k8s.networking.v1.NetworkPolicyPeerArgs(pod_selector=k8s.meta.v1.LabelSelectorArgs())


def _asked(api_cidrs: Sequence[str]) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """By the API server, which asks from AWS's interfaces in the app subnets, and by each other."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(),
        policy_types=["Ingress"],
        ingress=[
            k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                from_=[_block(cidr) for cidr in api_cidrs], ports=_ports(6443, 9443)
            ),
            k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                from_=[_neighbours()], ports=_ports(_METRICS_OF_THE_OPERATOR)
            ),
        ],
    )


def _asks() -> k8s.networking.v1.NetworkPolicySpecArgs:
    """The API server and CloudWatch, which may be behind NAT and have no addresses to name, and each other."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(),
        policy_types=["Egress"],
        egress=[
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=[_block("0.0.0.0/0")], ports=_ports(443)),
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=[_block(IDENTITY_AGENT)], ports=_ports(80)),
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(
                to=[_neighbours()], ports=_ports(_METRICS_OF_THE_OPERATOR)
            ),
        ],
    )
