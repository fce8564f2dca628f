"""How many pods a service has: what KEDA is told, which makes the one autoscaler of a Deployment from it."""

from __future__ import annotations

import pulumi

from components.compute.service_args import CPU_PERCENT, MEMORY_PERCENT, ServiceArgs

GROUP = "keda.sh/v1alpha1"
# More come at once, fewer after a while without need: sockets and books would be made anew for nothing.
_CALM_SECONDS = 300


def scaled_object(args: ServiceArgs, authentication: str) -> dict[str, pulumi.Input[object]]:
    """On CPU, on memory and on the requests that come by each load balancer; the trigger that wants most has its way.

    KEDA reads CloudWatch as its operator, by the TriggerAuthentication `authentication`.
    https://keda.sh/docs/latest/reference/scaledobject-spec/
    """
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": args.service},
        "minReplicaCount": args.least,
        "maxReplicaCount": args.most,
        "pollingInterval": 30,
        "advanced": {
            "horizontalPodAutoscalerConfig": {
                "behavior": {
                    "scaleUp": {"stabilizationWindowSeconds": 0},
                    "scaleDown": {"stabilizationWindowSeconds": _CALM_SECONDS},
                }
            }
        },
        "triggers": [
            _used("cpu", CPU_PERCENT),
            _used("memory", MEMORY_PERCENT),
            *(_requests(args, target.metrics_name, authentication) for target in args.targets.values()),
        ],
    }


def operator_authentication() -> dict[str, object]:
    """`aws` with no owner named is the operator's own role, by whatever way it has it; with the owner `workload` KEDA
    looks for an annotation that Pod Identity doesn't need.

    https://keda.sh/docs/latest/authentication-providers/aws/ https://github.com/kedacore/keda/issues/6418
    """
    return {"podIdentity": {"provider": "aws", "identityOwner": "keda"}}


def _used(what: str, percent: int) -> dict[str, object]:
    return {"type": what, "metricType": "Utilization", "metadata": {"value": str(percent)}}


def _requests(
    args: ServiceArgs, metrics_name: pulumi.Input[str], authentication: str
) -> dict[str, pulumi.Input[object]]:
    """CloudWatch's figure is of one target already: `Value`, which KEDA doesn't divide by the replicas once more.

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
            "metricStatPeriod": "60",
            "metricCollectionTime": "300",
            "targetMetricValue": str(args.requests_a_minute),
            "minMetricValue": "0",
        },
    }
