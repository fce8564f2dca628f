"""Cases of the rules on the pod security standards."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.pods import anywhere, forbidding, pod

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
POD = "kubernetes:core/v1:Pod"
PATCH = "kubernetes:apps/v1:DeploymentPatch"
WINDOWS = {"os": {"name": "windows"}}


def secured(**context: Any) -> dict[str, Any]:
    """A Deployment of one container in this security context."""
    return pod({"name": "app", "securityContext": context})


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
}
