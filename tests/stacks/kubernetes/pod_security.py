"""Pod Security `restricted`, one function a control: what of a pod's spec breaks it, by path.

https://kubernetes.io/docs/concepts/security/pod-security-standards/, as of Kubernetes 1.35.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Pod = Mapping[str, Any]
Control = Callable[[Pod], Iterator[str]]

_PROFILES = ("RuntimeDefault", "Localhost")
_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
_SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def violations(pod: Pod) -> list[str]:
    """Every control that a pod's spec breaks, with where."""
    return [f"{control.__name__}: {path}" for control in CONTROLS for path in control(pod)]


def host_process(pod: Pod) -> Iterator[str]:
    for path, context in _contexts(pod):
        if _in(context, "windowsOptions").get("hostProcess"):
            yield f"{path}.windowsOptions.hostProcess"


def host_namespaces(pod: Pod) -> Iterator[str]:
    yield from (name for name in ("hostNetwork", "hostPID", "hostIPC") if pod.get(name))


def privileged(pod: Pod) -> Iterator[str]:
    for path, container in _containers(pod):
        if _in(container, "securityContext").get("privileged"):
            yield f"{path}.securityContext.privileged"


def capabilities(pod: Pod) -> Iterator[str]:
    for path, container in _containers(pod):
        asked = _in(_in(container, "securityContext"), "capabilities")
        if "ALL" not in (asked.get("drop") or []):
            yield f"{path}.securityContext.capabilities.drop"
        if set(asked.get("add") or []) - {"NET_BIND_SERVICE"}:
            yield f"{path}.securityContext.capabilities.add"


def host_ports(pod: Pod) -> Iterator[str]:
    for path, container in _containers(pod):
        if any(port.get("hostPort") for port in container.get("ports") or []):
            yield f"{path}.ports"


def probed_hosts(pod: Pod) -> Iterator[str]:
    for path, container in _containers(pod):
        probes = {key: container.get(key) for key in ("livenessProbe", "readinessProbe", "startupProbe")}
        hooks = {
            f"lifecycle.{key}": hook
            for key, hook in _in(container, "lifecycle").items()
            if key != "stopSignal"
        }
        for key, asks in (probes | hooks).items():
            for way in ("httpGet", "tcpSocket"):
                if _in(asks or {}, way).get("host"):
                    yield f"{path}.{key}.{way}.host"


def app_armor(pod: Pod) -> Iterator[str]:
    for path, context in _contexts(pod):
        if _in(context, "appArmorProfile").get("type", "RuntimeDefault") not in _PROFILES:
            yield f"{path}.appArmorProfile.type"


def selinux(pod: Pod) -> Iterator[str]:
    for path, context in _contexts(pod):
        options = _in(context, "seLinuxOptions")
        if options.get("type", "") not in _SELINUX_TYPES or options.get("user") or options.get("role"):
            yield f"{path}.seLinuxOptions"


def proc_mount(pod: Pod) -> Iterator[str]:
    for path, container in _containers(pod):
        if _in(container, "securityContext").get("procMount", "Default") != "Default":
            yield f"{path}.securityContext.procMount"


def sysctls(pod: Pod) -> Iterator[str]:
    if {each["name"] for each in _in(pod, "securityContext").get("sysctls") or []} - _SYSCTLS:
        yield "securityContext.sysctls"


def volume_types(pod: Pod) -> Iterator[str]:
    for number, volume in enumerate(pod.get("volumes") or []):
        if set(volume) - {"name"} - _VOLUMES:
            yield f"volumes[{number}]"


def privilege_escalation(pod: Pod) -> Iterator[str]:
    for path, container in _containers(pod):
        if _in(container, "securityContext").get("allowPrivilegeEscalation") is not False:
            yield f"{path}.securityContext.allowPrivilegeEscalation"


def non_root(pod: Pod) -> Iterator[str]:
    """A container that says nothing is what the pod says."""
    whole = _in(pod, "securityContext").get("runAsNonRoot")
    for path, container in _containers(pod):
        if _in(container, "securityContext").get("runAsNonRoot", whole) is not True:
            yield f"{path}.securityContext.runAsNonRoot"


def non_root_user(pod: Pod) -> Iterator[str]:
    for path, context in _contexts(pod):
        if context.get("runAsUser") == 0:
            yield f"{path}.runAsUser"


def seccomp(pod: Pod) -> Iterator[str]:
    """A container that says nothing is what the pod says."""
    whole = _in(_in(pod, "securityContext"), "seccompProfile").get("type")
    if whole is not None and whole not in _PROFILES:
        yield "securityContext.seccompProfile.type"
    for path, container in _containers(pod):
        own = _in(_in(container, "securityContext"), "seccompProfile").get("type", whole)
        if own not in _PROFILES:
            yield f"{path}.securityContext.seccompProfile.type"


CONTROLS: tuple[Control, ...] = (
    host_process,
    host_namespaces,
    privileged,
    capabilities,
    host_ports,
    probed_hosts,
    app_armor,
    selinux,
    proc_mount,
    sysctls,
    volume_types,
    privilege_escalation,
    non_root,
    non_root_user,
    seccomp,
)


def _containers(pod: Pod) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for number, container in enumerate(pod.get(kind) or []):
            yield f"{kind}[{number}]", container


def _contexts(pod: Pod) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The security contexts of the pod and of each container."""
    yield "securityContext", _in(pod, "securityContext")
    for path, container in _containers(pod):
        yield f"{path}.securityContext", _in(container, "securityContext")


def _in(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return values.get(name) or {}
