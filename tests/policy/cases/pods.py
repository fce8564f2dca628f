"""Cases of the rules on pods: the pod security standards, and what pods take and from where."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
POD = "kubernetes:core/v1:Pod"
CRON_JOB = "kubernetes:batch/v1:CronJob"
PATCH = "kubernetes:apps/v1:DeploymentPatch"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"

WINDOWS = {"os": {"name": "windows"}}


def pod(*containers: Any, **spec: Any) -> dict[str, Any]:
    """A Deployment of a pod with these containers."""
    return {"spec": {"template": {"spec": {"containers": list(containers), **spec}}}}


def secured(**context: Any) -> dict[str, Any]:
    """A Deployment of one container in this security context."""
    return pod({"name": "app", "securityContext": context})


def anywhere(setting: dict[str, Any]) -> dict[str, Any]:
    """A container with the setting in each place and kind of workload that a rule must find it in."""
    bad = {"name": "bad", **setting}
    return {
        "in a container that starts first": broken(pod({"name": "app"}, initContainers=[bad])),
        "in a container for debugging": broken(pod({"name": "app"}, ephemeralContainers=[bad])),
        "in a pod itself": broken(Res(POD, {"spec": {"containers": [bad]}})),
        "in a job of a schedule": broken(
            Res(CRON_JOB, {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [bad]}}}}}})
        ),
    }


def forbidding(setting: dict[str, Any], unknown: dict[str, Any], good: dict[str, Any], **more: Any) -> Cases:
    """The cases of a rule that forbids a setting of a container."""
    return Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app", **good}),
        violating=pod({"name": "app", **setting}),
        missing=kept(pod({"name": "app"})),
        unknown=pod({"name": "app", **unknown}),
        more={
            **anywhere(setting),
            "in a patch": broken(Res(PATCH, pod({"name": "app", **setting}))),
            "containers that aren't known": undecided(
                {"spec": {"template": {"spec": {"containers": UNKNOWN}}}}
            ),
            **more,
        },
    )


def demanding(good: Any, bad: Any, unknown: Any, **more: Any) -> Cases:
    """The cases of a rule that demands a setting of each container's security context."""
    return Cases(
        DEPLOYMENT,
        compliant=secured(**good),
        violating=secured(**bad),
        missing=broken(pod({"name": "app"})),
        unknown=secured(**unknown),
        more={**anywhere({"securityContext": bad}), **more},
    )


def volumes(*listed: Any) -> dict[str, Any]:
    return pod({"name": "app"}, volumes=list(listed))


NOT_ROOT = {"runAsNonRoot": True}
SECCOMP = {"seccompProfile": {"type": "RuntimeDefault"}}
BOUNDS = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
LISTED = {"registries": ["*.dkr.ecr.eu-west-1.amazonaws.com"]}
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/castle/api@sha256:00"


def image(name: Any) -> dict[str, Any]:
    return pod({"name": "app", "image": name})


def env(**setting: Any) -> dict[str, Any]:
    return {"env": [{"name": "SETTING", **setting}]}


CASES = {
    "k8s-no-host-namespaces": Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app"}, hostNetwork=False),
        violating=pod({"name": "app"}, hostNetwork=True),
        missing=kept(pod({"name": "app"})),
        unknown=pod({"name": "app"}, hostPID=UNKNOWN),
        more={
            "processes": broken(pod({"name": "app"}, hostPID=True)),
            "memory": broken(pod({"name": "app"}, hostIPC=True)),
            "in a pod itself": broken(Res(POD, {"spec": {"hostNetwork": True}})),
            "in a patch": broken(Res(PATCH, pod({"name": "app"}, hostIPC=True))),
        },
    ),
    "k8s-no-privileged-containers": forbidding(
        {"securityContext": {"privileged": True}},
        {"securityContext": {"privileged": UNKNOWN}},
        {"securityContext": {"privileged": False}},
    ),
    "k8s-no-host-process": forbidding(
        {"securityContext": {"windowsOptions": {"hostProcess": True}}},
        {"securityContext": {"windowsOptions": {"hostProcess": UNKNOWN}}},
        {"securityContext": {"windowsOptions": {"hostProcess": False}}},
        **{
            "for the whole pod": broken(
                pod({"name": "app"}, securityContext={"windowsOptions": {"hostProcess": True}})
            )
        },
    ),
    "k8s-added-capabilities-limited": forbidding(
        {"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}},
        {"securityContext": {"capabilities": {"add": [UNKNOWN]}}},
        {"securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}},
    ),
    "k8s-no-host-path": Cases(
        DEPLOYMENT,
        compliant=volumes({"name": "scratch", "emptyDir": {}}),
        violating=volumes({"name": "socket", "hostPath": {"path": "/run/containerd"}}),
        missing=kept(pod({"name": "app"})),
        unknown=volumes(UNKNOWN),
        more={
            "a path that isn't known": broken(volumes({"name": "socket", "hostPath": UNKNOWN})),
        },
    ),
    "k8s-no-host-ports": forbidding(
        {"ports": [{"containerPort": 80, "hostPort": 80}]},
        {"ports": [{"containerPort": 80, "hostPort": UNKNOWN}]},
        {"ports": [{"containerPort": 80, "hostPort": 0}]},
    ),
    "k8s-proc-mount-default": forbidding(
        {"securityContext": {"procMount": "Unmasked"}},
        {"securityContext": {"procMount": UNKNOWN}},
        {"securityContext": {"procMount": "Default"}},
    ),
    "k8s-sysctls-safe": Cases(
        DEPLOYMENT,
        compliant=pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}),
        violating=pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
        missing=kept(pod({"name": "app"})),
        unknown=pod(securityContext={"sysctls": [{"name": UNKNOWN, "value": "1"}]}),
        more={
            "in a patch": broken(Res(PATCH, pod(securityContext={"sysctls": [{"name": "kernel.msgmax"}]}))),
        },
    ),
    "k8s-seccomp-runtime-default": demanding(
        SECCOMP,
        {"seccompProfile": {"type": "Unconfined"}},
        {"seccompProfile": {"type": UNKNOWN}},
        **{
            "for the whole pod": kept(pod({"name": "app"}, securityContext=SECCOMP)),
            "by a profile of one's own": kept(secured(seccompProfile={"type": "Localhost"})),
            "for the pod, and not for a container": broken(
                pod(
                    {"name": "app", "securityContext": {"seccompProfile": {"type": "Unconfined"}}},
                    securityContext=SECCOMP,
                )
            ),
            "on Windows": kept(pod({"name": "app"}, **WINDOWS)),
            "perhaps on Windows": undecided(pod({"name": "app"}, os={"name": UNKNOWN})),
        },
    ),
    "k8s-run-as-non-root": demanding(
        NOT_ROOT,
        {"runAsNonRoot": False},
        {"runAsNonRoot": UNKNOWN},
        **{
            "for the whole pod": kept(pod({"name": "app"}, securityContext=NOT_ROOT)),
            "as root by number": broken(secured(**NOT_ROOT, runAsUser=0)),
            "the pod as root by number": broken(
                pod({"name": "app", "securityContext": NOT_ROOT}, securityContext={"runAsUser": 0})
            ),
            "by another number": kept(secured(**NOT_ROOT, runAsUser=10001)),
        },
    ),
    "k8s-no-privilege-escalation": demanding(
        {"allowPrivilegeEscalation": False},
        {"allowPrivilegeEscalation": True},
        {"allowPrivilegeEscalation": UNKNOWN},
        **{
            "on Windows": kept(pod({"name": "app"}, **WINDOWS)),
            "perhaps on Windows": undecided(pod({"name": "app"}, os={"name": UNKNOWN})),
        },
    ),
    "k8s-drop-all-capabilities": demanding(
        {"capabilities": {"drop": ["ALL"]}},
        {"capabilities": {"drop": ["NET_RAW"]}},
        {"capabilities": {"drop": UNKNOWN}},
        **{"on Windows": kept(pod({"name": "app"}, **WINDOWS))},
    ),
    "k8s-volume-types-restricted": Cases(
        DEPLOYMENT,
        compliant=volumes({"name": "settings", "configMap": {"name": "settings"}}),
        violating=volumes({"name": "share", "nfs": {"server": "files", "path": "/"}}),
        missing=kept(pod({"name": "app"})),
        unknown=volumes(UNKNOWN),
    ),
    "k8s-resources-bounded": Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app", "resources": BOUNDS}),
        violating=pod({"name": "app", "resources": {**BOUNDS, "limits": {"cpu": "1"}}}),
        missing=broken(pod({"name": "app"})),
        unknown=pod({"name": "app", "resources": {**BOUNDS, "limits": {"memory": UNKNOWN}}}),
        more={
            "no CPU is asked for": broken(
                pod({"name": "app", "resources": {**BOUNDS, "requests": {"memory": "1Gi"}}})
            ),
            "no memory is asked for": broken(
                pod({"name": "app", "resources": {**BOUNDS, "requests": {"cpu": "1"}}})
            ),
            "in a container that starts first": broken(
                pod({"name": "app", "resources": BOUNDS}, initContainers=[{"name": "first"}])
            ),
            "a container for debugging takes none": kept(
                pod({"name": "app", "resources": BOUNDS}, ephemeralContainers=[{"name": "debug"}])
            ),
        },
    ),
    "k8s-image-registry-allowlist": Cases(
        DEPLOYMENT,
        compliant=kept(image(IMAGE), **LISTED),
        violating=broken(image("quay.io/castle/api:1"), **LISTED),
        missing=kept(pod({"name": "app"}), **LISTED),
        unknown=undecided(image(UNKNOWN), **LISTED),
        more={
            "without a list": kept(image("nginx")),
            "another's": kept(image("quay.io/castle/api:1"), registries=["quay.io"]),
            "a folder of Docker's own is no registry": broken(image("castle/api"), registries=["castle"]),
            "one's own machine": kept(image("localhost/api"), registries=["localhost"]),
            "no registry, but a version": kept(image("nginx:1.29"), registries=["docker.io"]),
            "Docker's own, which needs no name": broken(image("library/nginx"), **LISTED),
            "Docker's own by name": kept(image("nginx"), registries=["docker.io"]),
            "by host and port": kept(image("localhost:5000/api"), registries=["localhost:5000"]),
        },
    ),
    "k8s-no-literal-secret-env": forbidding(
        env(value="postgres://castle:hunter2@db.example:5432/trading"),
        {"env": [{"name": "DB_PASSWORD", "value": UNKNOWN}]},
        env(value="https://sqs.eu-west-1.amazonaws.com"),
        **{
            "called like one": broken(pod({"name": "app", "env": [{"name": "DB_PASSWORD", "value": "x"}]})),
            "the ARN of one": kept(
                pod({"name": "app", "env": [{"name": "API_KEY", "value": "arn:aws:secretsmanager:x"}]})
            ),
            "from elsewhere": kept(
                pod({"name": "app", "env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {}}}]})
            ),
            "a list that isn't known": undecided(pod({"name": "app", "env": UNKNOWN})),
            "one that isn't known": undecided(pod({"name": "app", "env": [UNKNOWN]})),
        },
    ),
    "k8s-dedicated-service-account": Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app"}, serviceAccountName="trading-api"),
        violating=pod({"name": "app"}, serviceAccountName="default"),
        missing=broken(pod({"name": "app"})),
        unknown=pod({"name": "app"}, serviceAccountName=UNKNOWN),
        more={"by its name of old": kept(pod({"name": "app"}, serviceAccount="trading-api"))},
    ),
    "k8s-token-automount-off": Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app"}, automountServiceAccountToken=False),
        violating=Res(ACCOUNT, {"automountServiceAccountToken": True}),
        missing=broken(pod({"name": "app"})),
        unknown=Res(ACCOUNT, {"automountServiceAccountToken": UNKNOWN}),
        more={
            "a pod that asks for it": kept(pod({"name": "app"}, automountServiceAccountToken=True)),
            "an account that says nothing": broken(Res(ACCOUNT, {"metadata": {"name": "trading-api"}})),
            "an account that mounts none": kept(Res(ACCOUNT, {"automountServiceAccountToken": False})),
        },
    ),
}
