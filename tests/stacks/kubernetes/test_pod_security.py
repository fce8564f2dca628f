"""Each control of Pod Security `restricted` sees what breaks it, and nothing else does."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.stacks.kubernetes.pod_security import CONTROLS, violations

RESTRICTED: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "volumes": [{"name": "scratch", "emptyDir": {}}],
    "containers": [
        {
            "name": "app",
            "ports": [{"containerPort": 8080}],
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}

# control: where, and what is put there
BREAKS: dict[str, list[tuple[str, Any]]] = {
    "host_process": [
        ("securityContext.windowsOptions", {"hostProcess": True}),
        ("containers.0.securityContext.windowsOptions", {"hostProcess": True}),
    ],
    "host_namespaces": [("hostNetwork", True), ("hostPID", True), ("hostIPC", True)],
    "privileged": [("containers.0.securityContext.privileged", True)],
    "capabilities": [
        ("containers.0.securityContext.capabilities", {}),
        ("containers.0.securityContext.capabilities", {"drop": ["NET_RAW"]}),
        ("containers.0.securityContext.capabilities", {"drop": ["ALL"], "add": ["CHOWN"]}),
    ],
    "host_ports": [("containers.0.ports", [{"containerPort": 8080, "hostPort": 8080}])],
    "probed_hosts": [
        ("containers.0.livenessProbe.httpGet.host", "10.0.0.1"),
        ("containers.0.lifecycle", {"preStop": {"tcpSocket": {"host": "10.0.0.1", "port": 1}}}),
    ],
    "app_armor": [("securityContext.appArmorProfile", {"type": "Unconfined"})],
    "selinux": [
        ("securityContext.seLinuxOptions", {"type": "spc_t"}),
        ("containers.0.securityContext.seLinuxOptions", {"user": "root"}),
    ],
    "proc_mount": [("containers.0.securityContext.procMount", "Unmasked")],
    "sysctls": [("securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}])],
    "volume_types": [("volumes", [{"name": "host", "hostPath": {"path": "/"}}])],
    "privilege_escalation": [
        ("containers.0.securityContext.allowPrivilegeEscalation", True),
        ("containers.0.securityContext.allowPrivilegeEscalation", None),
    ],
    "non_root": [
        ("securityContext.runAsNonRoot", None),
        ("containers.0.securityContext.runAsNonRoot", False),
    ],
    "non_root_user": [
        ("securityContext.runAsUser", 0),
        ("containers.0.securityContext.runAsUser", 0),
    ],
    "seccomp": [
        ("securityContext.seccompProfile", {}),
        ("containers.0.securityContext.seccompProfile", {"type": "Unconfined"}),
    ],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    pod = deepcopy(RESTRICTED)
    place: Any = pod
    *way, last = path.split(".")
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
    return pod


def test_a_restricted_pod_breaks_nothing() -> None:
    assert violations(RESTRICTED) == []


def test_every_control_has_what_breaks_it() -> None:
    assert set(BREAKS) == {control.__name__ for control in CONTROLS}


@pytest.mark.parametrize(
    ("control", "path", "value"), [(key, path, value) for key, all_ in BREAKS.items() for path, value in all_]
)
def test_a_break_is_seen_by_its_control_alone(control: str, path: str, value: Any) -> None:
    seen = violations(changed(path, value))
    assert seen
    assert {each.split(":")[0] for each in seen} == {control}


def test_init_containers_are_judged_as_the_others_are() -> None:
    pod = changed("initContainers", [{"name": "first", "securityContext": {"privileged": True}}])
    assert "privileged: initContainers[0].securityContext.privileged" in violations(pod)
