"""Autoscaling of a service on EKS: the ScaledObject from which KEDA makes the Deployment's autoscaler."""

from __future__ import annotations

import pulumi

from components.compute.autoscaling import CPU_PERCENT, MEMORY_PERCENT, SCALE_IN_SECONDS
from components.compute.service_args import ServiceArgs

KEDA_API = "keda.sh/v1alpha1"
POLLING_SECONDS = 30  # between two looks at CloudWatch
SCALE_OUT_SECONDS = 0  # pods are added at once
METRIC_PERIOD_SECONDS = 60  # the shortest of a load balancer's metrics
METRIC_WINDOW_SECONDS = 300  # of which the latest data point counts: CloudWatch is some minutes late


def scaled_object(args: ServiceArgs, authentication: str) -> dict[str, pulumi.Input[object]]:
    """Spec of a ScaledObject on CPU, memory and the requests of each load balancer; the highest demand decides.

    KEDA reads CloudWatch as its operator, by the TriggerAuthentication `authentication`.
    https://keda.sh/docs/latest/reference/scaledobject-spec/
    """
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": args.service},
        "minReplicaCount": args.least,
        "maxReplicaCount": args.most,
        "pollingInterval": POLLING_SECONDS,
        "advanced": {
            "horizontalPodAutoscalerConfig": {
                "behavior": {
                    "scaleUp": {"stabilizationWindowSeconds": SCALE_OUT_SECONDS},
                    "scaleDown": {"stabilizationWindowSeconds": SCALE_IN_SECONDS},
                }
            }
        },
        "triggers": [
            _utilization("cpu", CPU_PERCENT),
            _utilization("memory", MEMORY_PERCENT),
            *(_requests(args, target.metrics_name, authentication) for target in args.targets.values()),
        ],
    }


def operator_authentication() -> dict[str, object]:
    """Spec of a TriggerAuthentication by the operator's own role.

    With the owner `workload` KEDA would look for an annotation that Pod Identity doesn't need.

    https://keda.sh/docs/latest/authentication-providers/aws/ https://github.com/kedacore/keda/issues/6418
    """
    return {"podIdentity": {"provider": "aws", "identityOwner": "keda"}}


def _utilization(resource: str, percent: int) -> dict[str, object]:
    return {"type": resource, "metricType": "Utilization", "metadata": {"value": str(percent)}}


def _requests(
    args: ServiceArgs, metrics_name: pulumi.Input[str], authentication: str
) -> dict[str, pulumi.Input[object]]:
    """Trigger on the requests per target, a `Value`: KEDA must not divide it by the replicas once more.

    https://keda.sh/docs/latest/scalers/aws-cloudwatch/
    """
    return {
        "type": "aws-cloudwatch",
        "metricType": "Value",
        "authenticationRef": {"name": authentication},
        "metadata": {
            "awsRegion": args.region,
            "namespace": "AWS/ApplicationELB",
            "metricName": "RequestCountPerTarget",
            "dimensionName": "TargetGroup",
            "dimensionValue": metrics_name,
            "metricStat": "Sum",
            "metricStatPeriod": str(METRIC_PERIOD_SECONDS),
            "metricCollectionTime": str(METRIC_WINDOW_SECONDS),
            "targetMetricValue": str(args.requests_a_minute),
            "minMetricValue": "0",
        },
    }
