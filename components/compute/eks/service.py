"""A service as pods of the cell's cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.compute.eks.autoscaling import GROUP, operator_authentication, scaled_object
from components.compute.eks.keda import IDENTITY_AGENT
from components.compute.eks.pod_template import labels, pod_template
from components.compute.service_args import ServiceArgs, service_alarms

ANYWHERE = "0.0.0.0/0"
# What isn't the internet: who may connect to any address still needs a way of its own to each network inside.
PRIVATE = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]


@dataclass(frozen=True, kw_only=True)
class ClusterPlace:
    """Where in a cluster a service runs."""

    cluster: pulumi.Input[str]  # its name
    kubernetes: k8s.Provider
    namespace: pulumi.Input[str]  # denies what isn't allowed, and resolves names
    pool: str  # of nodes
    priority_class: str
    needs: Sequence[pulumi.Resource]  # what has to be there before pods run and KEDA scales them


class TradingService(pulumi.ComponentResource):
    """As many pods as KEDA finds right, in every zone, behind the load balancers' target groups.

    It has no HorizontalPodAutoscaler of its own and its Deployment no `replicas`: both would fight with KEDA's.
    The load balancers' security groups are let in by the cell, once for all services: they share the cluster's group.
    """

    def __init__(
        self,
        name: str,
        args: ServiceArgs,
        place: ClusterPlace,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("castle:compute:TradingService", name, None, opts)
        self._name, self._args, self._place = name, args, place
        self._child = pulumi.ResourceOptions(parent=self)
        self._inside = pulumi.ResourceOptions(parent=self, provider=place.kubernetes)

        account = self._service_account()
        reached = self._network_policy()
        deployment = self._deployment([*account, reached])
        service = self._service()
        self._bindings(service)
        self._scaling(deployment)
        self._disruption_budget()
        service_alarms(name, args, self._child)
        self.register_outputs({})

    @property
    def _metadata(self) -> k8s.meta.v1.ObjectMetaArgs:
        return self._named(self._args.service)

    def _named(self, name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=name, namespace=self._place.namespace, labels=labels(self._args.service)
        )

    @property
    def _selector(self) -> k8s.meta.v1.LabelSelectorArgs:
        return k8s.meta.v1.LabelSelectorArgs(match_labels=labels(self._args.service))

    def _service_account(self) -> list[pulumi.Resource]:
        """The account, and the role that its pods have: pods that are made before it have none."""
        account = k8s.core.v1.ServiceAccount(
            f"{self._name}-account",
            metadata=self._metadata,
            automount_service_account_token=False,
            opts=self._inside,
        )
        identity = aws.eks.PodIdentityAssociation(
            f"{self._name}-identity",
            cluster_name=self._place.cluster,
            namespace=self._place.namespace,
            service_account=self._args.service,
            role_arn=self._args.role_arn,
            opts=self._child,
        )
        return [account, identity]

    def _deployment(self, needs: Sequence[pulumi.Resource]) -> k8s.apps.v1.Deployment:
        return k8s.apps.v1.Deployment(
            f"{self._name}-deployment",
            metadata=self._metadata,
            spec=k8s.apps.v1.DeploymentSpecArgs(
                selector=self._selector,
                strategy=k8s.apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=k8s.apps.v1.RollingUpdateDeploymentArgs(
                        max_surge="25%", max_unavailable=0
                    ),
                ),
                progress_deadline_seconds=600,
                revision_history_limit=5,
                template=pod_template(
                    self._args, pool=self._place.pool, priority_class=self._place.priority_class
                ),
            ),
            opts=self._inside_after(needs),
        )

    def _service(self) -> k8s.core.v1.Service:
        return k8s.core.v1.Service(
            f"{self._name}-service",
            metadata=self._metadata,
            spec=k8s.core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector=labels(self._args.service),
                ports=[k8s.core.v1.ServicePortArgs(name="https", port=self._args.port, target_port="https")],
            ),
            opts=self._inside,
        )

    def _bindings(self, service: k8s.core.v1.Service) -> None:
        """One for each target group; `targetType` must be said in Auto Mode.

        https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
        """
        for balancer, target in self._args.targets.items():
            k8s.apiextensions.CustomResource(
                f"{self._name}-binding-{balancer}",
                api_version="eks.amazonaws.com/v1",
                kind="TargetGroupBinding",
                metadata=self._named(f"{self._args.service}-{balancer}"),
                spec={
                    "targetGroupARN": target.arn,
                    "targetType": "ip",
                    "serviceRef": {"name": self._args.service, "port": self._args.port},
                },
                opts=self._inside_after([service]),
            )

    def _scaling(self, deployment: k8s.apps.v1.Deployment) -> None:
        authentication = k8s.apiextensions.CustomResource(
            f"{self._name}-metrics",
            api_version=GROUP,
            kind="TriggerAuthentication",
            metadata=self._metadata,
            spec=operator_authentication(),
            opts=self._inside_after([]),
        )
        k8s.apiextensions.CustomResource(
            f"{self._name}-scaling",
            api_version=GROUP,
            kind="ScaledObject",
            metadata=self._metadata,
            spec=scaled_object(self._args, self._args.service),
            opts=self._inside_after([authentication, deployment]),
        )

    def _disruption_budget(self) -> None:
        """Nodes come and go; some of a service always stay, and what is ill anyway is in nobody's way."""
        k8s.policy.v1.PodDisruptionBudget(
            f"{self._name}-budget",
            metadata=self._metadata,
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                selector=self._selector,
                max_unavailable="20%",  # rounded up: of three, one
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=self._inside,
        )

    def _network_policy(self) -> k8s.networking.v1.NetworkPolicy:
        return k8s.networking.v1.NetworkPolicy(
            f"{self._name}-ways",
            metadata=self._metadata,
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=self._selector,
                policy_types=["Ingress", "Egress"],
                ingress=[
                    k8s.networking.v1.NetworkPolicyIngressRuleArgs(
                        from_=[
                            k8s.networking.v1.NetworkPolicyPeerArgs(ip_block=_block(cidr))
                            for cidr in sorted(self._balancer_cidrs())
                        ],
                        ports=[_port(self._args.port)],
                    )
                ],
                egress=[
                    k8s.networking.v1.NetworkPolicyEgressRuleArgs(
                        to=[k8s.networking.v1.NetworkPolicyPeerArgs(ip_block=_block(cidr)) for cidr in cidrs],
                        ports=[_port(port)],
                    )
                    for port, cidrs in self._ways().items()
                ],
            ),
            opts=self._inside,
        )

    def _balancer_cidrs(self) -> set[str]:
        return {cidr for target in self._args.targets.values() for cidr in target.balancer_cidrs.values()}

    def _ways(self) -> Mapping[int, list[str]]:
        """Where pods connect to, by port."""
        ways: dict[int, list[str]] = {80: [IDENTITY_AGENT]}
        for way in self._args.egress.values():
            ways.setdefault(way.port, []).append(way.cidr)
        return {port: sorted(set(cidrs)) for port, cidrs in sorted(ways.items())}

    def _inside_after(self, needs: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self, provider=self._place.kubernetes, depends_on=[*needs, *self._place.needs]
        )


def _block(cidr: str) -> k8s.networking.v1.IPBlockArgs:
    return k8s.networking.v1.IPBlockArgs(cidr=cidr, except_=PRIVATE if cidr == ANYWHERE else None)


def _port(port: int) -> k8s.networking.v1.NetworkPolicyPortArgs:
    return k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=port)
