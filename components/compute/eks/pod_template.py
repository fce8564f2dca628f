"""The pods of a service: how they are made, spread, started, asked, drained and confined."""

from __future__ import annotations

import pulumi_kubernetes as k8s

from components.compute.service_args import DRAIN_SECONDS, GRACE_SECONDS, SCRATCH, USER, ServiceArgs

POOL = "castle/pool"  # the label, and the taint, of a node pool
START_SECONDS = 120  # how long a replica may take until it can serve


def labels(service: str) -> dict[str, str]:
    """By which a service's pods are selected; a Deployment can't change them."""
    return {"app.kubernetes.io/name": service}


def pod_template(args: ServiceArgs, *, pool: str, priority_class: str) -> k8s.core.v1.PodTemplateSpecArgs:
    """One replica, which meets the Pod Security Standard `restricted` and has nothing of the cluster's."""
    return k8s.core.v1.PodTemplateSpecArgs(
        metadata=k8s.meta.v1.ObjectMetaArgs(labels=labels(args.service)),
        spec=k8s.core.v1.PodSpecArgs(
            service_account_name=args.service,
            automount_service_account_token=False,
            enable_service_links=False,
            priority_class_name=priority_class,
            termination_grace_period_seconds=GRACE_SECONDS,
            node_selector={POOL: pool},
            tolerations=[
                k8s.core.v1.TolerationArgs(key=POOL, operator="Equal", value=pool, effect="NoSchedule")
            ],
            topology_spread_constraints=[
                # A zone takes no more than its share with it when it is lost.
                _spread(args.service, "topology.kubernetes.io/zone", "DoNotSchedule"),
                _spread(args.service, "kubernetes.io/hostname", "ScheduleAnyway"),
            ],
            security_context=k8s.core.v1.PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=USER,
                run_as_group=USER,
                seccomp_profile=k8s.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            containers=[_container(args)],
            volumes=[
                k8s.core.v1.VolumeArgs(
                    name="scratch", empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(size_limit="256Mi")
                )
            ],
        ),
    )


def _spread(service: str, key: str, otherwise: str) -> k8s.core.v1.TopologySpreadConstraintArgs:
    return k8s.core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=key,
        when_unsatisfiable=otherwise,
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels(service)),
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
        # Without a limit on CPU it isn't held back while its node is idle, which would be seen as latency.
        resources=k8s.core.v1.ResourceRequirementsArgs(
            requests={"cpu": f"{round(args.cpu * 1000)}m", "memory": f"{args.memory}Mi"},
            limits={"memory": f"{args.memory}Mi"},
        ),
        startup_probe=_probe(args, every=5, failures=START_SECONDS // 5),
        readiness_probe=_probe(args, every=5, failures=2),
        # Slower than readiness: what is only busy is let be, and what hangs is started anew.
        liveness_probe=_probe(args, every=10, failures=6),
        lifecycle=k8s.core.v1.LifecycleArgs(
            pre_stop=k8s.core.v1.LifecycleHandlerArgs(
                sleep=k8s.core.v1.SleepActionArgs(seconds=DRAIN_SECONDS)
            )
        ),
        security_context=k8s.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            privileged=False,
            capabilities=k8s.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[k8s.core.v1.VolumeMountArgs(name="scratch", mount_path=SCRATCH)],
    )


def _probe(args: ServiceArgs, *, every: int, failures: int) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path=args.health_path, port="https", scheme="HTTPS"),
        period_seconds=every,
        timeout_seconds=2,
        failure_threshold=failures,
    )
