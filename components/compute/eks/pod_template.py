"""Pod template of a service: its container, probes, resources, draining, and its spread over zones and nodes."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s

from components.compute.eks.node_pools import POOL_LABEL
from components.compute.eks.pod_security import container_security_context, pod_security_context
from components.compute.service_args import ServiceArgs
from components.service_conventions import DRAIN_SECONDS, GRACE_SECONDS, SCRATCH_MIB, SCRATCH_PATH

START_SECONDS = 120  # in which a replica has to be ready to serve; its container is started anew afterwards

PROBE_SECONDS = 5  # between startup probes, and between readiness probes
PROBE_TIMEOUT_SECONDS = 2
READINESS_FAILURES = 2  # in a row, after which no request is sent to the pod
# Slower than readiness: a pod that is only busy is left alone, one that hangs is started anew.
LIVENESS_PROBE_SECONDS = 10
LIVENESS_FAILURES = 6


def pod_labels(service: str) -> dict[str, str]:
    """Labels by which a service's pods are selected; a Deployment can't change them."""
    return {"app.kubernetes.io/name": service}


def pod_template(
    args: ServiceArgs, *, pool: str, priority_class: pulumi.Input[str]
) -> k8s.core.v1.PodTemplateSpecArgs:
    """Template of one replica, which meets the Pod Security Standard `restricted` and has no token of the cluster."""
    return k8s.core.v1.PodTemplateSpecArgs(
        metadata=k8s.meta.v1.ObjectMetaArgs(labels=pod_labels(args.service)),
        spec=k8s.core.v1.PodSpecArgs(
            service_account_name=args.service,
            automount_service_account_token=False,
            enable_service_links=False,
            priority_class_name=priority_class,
            termination_grace_period_seconds=GRACE_SECONDS,
            node_selector={POOL_LABEL: pool},
            tolerations=[
                k8s.core.v1.TolerationArgs(key=POOL_LABEL, operator="Equal", value=pool, effect="NoSchedule")
            ],
            topology_spread_constraints=[
                # The loss of a zone takes no more than its share of the pods.
                _spread(args.service, "topology.kubernetes.io/zone", "DoNotSchedule"),
                _spread(args.service, "kubernetes.io/hostname", "ScheduleAnyway"),
            ],
            security_context=pod_security_context(),
            containers=[_container(args)],
            volumes=[
                k8s.core.v1.VolumeArgs(
                    name="scratch",
                    empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(size_limit=f"{SCRATCH_MIB}Mi"),
                )
            ],
        ),
    )


def _spread(service: str, key: str, when_unsatisfiable: str) -> k8s.core.v1.TopologySpreadConstraintArgs:
    return k8s.core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=key,
        when_unsatisfiable=when_unsatisfiable,
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=pod_labels(service)),
        match_label_keys=["pod-template-hash"],  # a deployment's own pods, not those that it replaces
        node_taints_policy="Honor",
    )


def _container(args: ServiceArgs) -> k8s.core.v1.ContainerArgs:
    return k8s.core.v1.ContainerArgs(
        name=args.service,
        image=args.image,
        ports=[k8s.core.v1.ContainerPortArgs(name="https", container_port=args.port)],
        env=[
            k8s.core.v1.EnvVarArgs(name=name, value=value) for name, value in sorted(args.environment.items())
        ],
        # No limit on CPU: throttling while the node is idle would be seen as latency.
        resources=k8s.core.v1.ResourceRequirementsArgs(
            requests={"cpu": f"{round(args.cpu * 1000)}m", "memory": f"{args.memory}Mi"},
            limits={"memory": f"{args.memory}Mi"},
        ),
        startup_probe=_probe(args, every=PROBE_SECONDS, failures=START_SECONDS // PROBE_SECONDS),
        readiness_probe=_probe(args, every=PROBE_SECONDS, failures=READINESS_FAILURES),
        liveness_probe=_probe(args, every=LIVENESS_PROBE_SECONDS, failures=LIVENESS_FAILURES),
        lifecycle=k8s.core.v1.LifecycleArgs(
            pre_stop=k8s.core.v1.LifecycleHandlerArgs(
                sleep=k8s.core.v1.SleepActionArgs(seconds=DRAIN_SECONDS)
            )
        ),
        security_context=container_security_context(),
        volume_mounts=[k8s.core.v1.VolumeMountArgs(name="scratch", mount_path=SCRATCH_PATH)],
    )


def _probe(args: ServiceArgs, *, every: int, failures: int) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path=args.health_path, port="https", scheme="HTTPS"),
        period_seconds=every,
        timeout_seconds=PROBE_TIMEOUT_SECONDS,
        failure_threshold=failures,
    )
