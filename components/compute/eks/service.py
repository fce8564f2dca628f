"""Kubernetes objects of a service on EKS: Deployment, Service, target group bindings, scaling and network policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.compute.eks.autoscaling import KEDA_API, operator_authentication, scaled_object
from components.compute.eks.pod_security import service_network_policy
from components.compute.eks.pod_template import pod_labels, pod_template
from components.compute.service_alarms import service_alarms
from components.compute.service_args import ServiceArgs

ROLLOUT_SECONDS = 600  # without progress, after which a rollout has failed
OLD_REVISIONS = 5  # of the Deployment, to which it can be rolled back
MAX_SURGE = "25%"  # of the replicas, beside them during a rollout
MAX_DISRUPTED = "20%"  # of the replicas at a time, rounded up: of three, one


@dataclass(frozen=True, kw_only=True)
class EksPlacement:
    """Placement of a service in a cluster: namespace, node pool, priority class."""

    cluster: pulumi.Input[str]  # its name
    kubernetes: k8s.Provider
    namespace: pulumi.Input[str]
    confined_namespace: pulumi.Input[str]  # the same, known once its default-deny and DNS policies are there
    pool: str  # the label of the node pools
    node_pools: pulumi.Resource  # created before pods run, deleted after them
    priority_class: pulumi.Input[str]  # known once it is there: no pod is created with one that isn't
    keda: pulumi.Resource  # with its kinds


class TradingService(pulumi.ComponentResource):
    """Deployment that KEDA scales, in every zone, behind the load balancers' target groups.

    It has no HorizontalPodAutoscaler of its own and its Deployment no `replicas`: both would conflict with KEDA's.
    Ingress from the load balancers' security groups is the cell's, once for all services, which share the cluster's
    security group.
    """

    def __init__(
        self,
        name: str,
        args: ServiceArgs,
        place: EksPlacement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("castle:compute:TradingService", name, None, opts)
        self._name, self._args, self._place = name, args, place
        self._child = pulumi.ResourceOptions(parent=self)
        self._in_cluster = pulumi.ResourceOptions(parent=self, provider=place.kubernetes)

        account = self._service_account()
        network_policy = self._network_policy()
        deployment = self._deployment([*account, network_policy, place.node_pools])
        service = self._service()
        self._bindings(service)
        self._scaling(deployment)
        self._disruption_budget()
        service_alarms(name, args, self._child)
        self.register_outputs({})

    @property
    def _metadata(self) -> k8s.meta.v1.ObjectMetaArgs:
        return self._named(self._args.service, self._place.namespace)

    def _named(self, name: str, namespace: pulumi.Input[str]) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=name, namespace=namespace, labels=pod_labels(self._args.service)
        )

    @property
    def _selector(self) -> k8s.meta.v1.LabelSelectorArgs:
        return k8s.meta.v1.LabelSelectorArgs(match_labels=pod_labels(self._args.service))

    def _service_account(self) -> list[pulumi.Resource]:
        """Service account with the IAM role of its pods, which pods created before the association don't get."""
        account = k8s.core.v1.ServiceAccount(
            f"{self._name}-account",
            metadata=self._metadata,
            automount_service_account_token=False,
            opts=self._in_cluster,
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
            metadata=self._named(self._args.service, self._place.confined_namespace),
            spec=k8s.apps.v1.DeploymentSpecArgs(
                selector=self._selector,
                strategy=k8s.apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=k8s.apps.v1.RollingUpdateDeploymentArgs(
                        max_surge=MAX_SURGE, max_unavailable=0
                    ),
                ),
                progress_deadline_seconds=ROLLOUT_SECONDS,
                revision_history_limit=OLD_REVISIONS,
                template=pod_template(
                    self._args, pool=self._place.pool, priority_class=self._place.priority_class
                ),
            ),
            opts=self._in_cluster_after(needs),
        )

    def _service(self) -> k8s.core.v1.Service:
        return k8s.core.v1.Service(
            f"{self._name}-service",
            metadata=self._metadata,
            spec=k8s.core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector=pod_labels(self._args.service),
                ports=[k8s.core.v1.ServicePortArgs(name="https", port=self._args.port, target_port="https")],
            ),
            opts=self._in_cluster,
        )

    def _bindings(self, service: k8s.core.v1.Service) -> None:
        """TargetGroupBindings, one for each target group; Auto Mode requires `targetType`.

        https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
        """
        for balancer, target in self._args.targets.items():
            k8s.apiextensions.CustomResource(
                f"{self._name}-binding-{balancer}",
                api_version="eks.amazonaws.com/v1",
                kind="TargetGroupBinding",
                metadata=self._named(f"{self._args.service}-{balancer}", self._place.namespace),
                spec={
                    "targetGroupARN": target.arn,
                    "targetType": "ip",
                    "serviceRef": {"name": self._args.service, "port": self._args.port},
                },
                opts=self._in_cluster_after([service]),
            )

    def _scaling(self, deployment: k8s.apps.v1.Deployment) -> None:
        authentication = k8s.apiextensions.CustomResource(
            f"{self._name}-metrics",
            api_version=KEDA_API,
            kind="TriggerAuthentication",
            metadata=self._metadata,
            spec=operator_authentication(),
            opts=self._in_cluster_after([self._place.keda]),
        )
        k8s.apiextensions.CustomResource(
            f"{self._name}-scaling",
            api_version=KEDA_API,
            kind="ScaledObject",
            metadata=self._metadata,
            spec=scaled_object(self._args, self._args.service),
            opts=self._in_cluster_after([authentication, deployment]),
        )

    def _disruption_budget(self) -> None:
        """Pod disruption budget for node replacement; it doesn't protect pods that aren't ready anyway."""
        k8s.policy.v1.PodDisruptionBudget(
            f"{self._name}-budget",
            metadata=self._metadata,
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                selector=self._selector,
                max_unavailable=MAX_DISRUPTED,
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=self._in_cluster,
        )

    def _network_policy(self) -> k8s.networking.v1.NetworkPolicy:
        return k8s.networking.v1.NetworkPolicy(
            f"{self._name}-ways",
            metadata=self._metadata,
            spec=service_network_policy(self._args, self._selector),
            opts=self._in_cluster,
        )

    def _in_cluster_after(self, needs: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=self._place.kubernetes, depends_on=needs)
