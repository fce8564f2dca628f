"""Rules on Kubernetes pod security standards: all controls of `baseline` and `restricted`, one rule for each."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value, among, as_list
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Rule, check_value, means_false, means_true
from controls.language.tokens import WORKLOAD, whole
from controls.language.verdicts import Fail, Undecided, Verdicts
from controls.services.kubernetes.pods import CONTAINERS, container_rule, inherited_rule, pod_rule, pod_spec

# Capabilities, sysctls and volume types of the standards' own text (Kubernetes, Pod Security Standards).
_ADDABLE: Final = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_SAFE_SYSCTLS: Final = frozenset(
    {
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
)
_VOLUMES: Final = frozenset(
    {
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
)


def no_host_namespaces(node: Node) -> Verdicts:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        yield from check_value(node, f"{pod_spec(node)}.{name}", means_false, "leave it out", missing_ok=True)


def no_host_process(node: Node) -> Verdicts:
    path = "securityContext.windowsOptions.hostProcess"
    for where in (pod_spec(node), *(f"{pod_spec(node)}.{it}.*" for it in CONTAINERS)):
        yield from check_value(node, f"{where}.{path}", means_false, "leave it out", missing_ok=True)


def drops_all(value: Value) -> bool:
    """Returns whether a list of dropped capabilities has them all."""
    return "ALL" in as_list(value)


def never_root(node: Node) -> Verdicts:
    """Containers don't run as root. A container takes from its pod what it doesn't set itself; the user's number
    counts wherever it stands."""
    yield from _NON_ROOT.check(node)
    for where in (pod_spec(node), *(f"{pod_spec(node)}.{it}.*" for it in CONTAINERS)):
        yield from check_value(
            node,
            f"{where}.securityContext.runAsUser",
            lambda it: str(it) != "0",
            "use another user",
            missing_ok=True,
        )


def volume_types_allowed(node: Node) -> Verdicts:
    for where, volume in node.find(f"{pod_spec(node)}.volumes.*"):
        if volume is UNKNOWN:
            yield Undecided(where)
        elif isinstance(volume, dict) and set(volume) - _VOLUMES - {"name"}:
            yield Fail(f"`{where}` is of a type that isn't allowed: use {', '.join(sorted(_VOLUMES))}")


def no_host_path(node: Node) -> Verdicts:
    for where, value in node.find(f"{pod_spec(node)}.volumes.*.hostPath"):
        if value is not MISSING:
            yield (
                Undecided(where)
                if value is UNKNOWN and not where.endswith(".hostPath")
                else Fail(f"`{where}` is a folder of the node: use an emptyDir or a volume of the cluster")
            )


_NON_ROOT: Final = inherited_rule(
    "k8s-run-as-non-root",
    HIGH,
    "securityContext.runAsNonRoot",
    means_true,
    message="set it to true",
    asks="Pods run as a user that isn't root",
    fix="Set securityContext.runAsNonRoot to true, and no runAsUser of 0",
)

RULES: Final = (
    Rule(
        "k8s-no-host-namespaces",
        CRITICAL,
        WORKLOAD,
        no_host_namespaces,
        asks="Pods share no namespace with their node: neither network, nor processes, nor IPC",
        fix="Leave hostNetwork, hostPID and hostIPC out",
        ids="PSS:baseline EKS-1.8:4.2.2,4.2.3,4.2.4 CKV_K8S_17 CKV_K8S_18 CKV_K8S_19",
        reads="spec",
    ),
    container_rule(
        "k8s-no-privileged-containers",
        CRITICAL,
        "securityContext.privileged",
        means_false,
        message="leave it out",
        missing_ok=True,
        asks="No container is privileged",
        fix="Leave securityContext.privileged out",
        ids="PSS:baseline EKS-1.8:4.2.1 CKV_K8S_16",
    ),
    Rule(
        "k8s-no-host-process",
        HIGH,
        WORKLOAD,
        no_host_process,
        asks="No container of Windows runs as a process of its node",
        fix="Leave windowsOptions.hostProcess out",
        ids="PSS:baseline",
        reads="spec",
    ),
    container_rule(
        "k8s-added-capabilities-limited",
        HIGH,
        "securityContext.capabilities.add.*",
        lambda it: among(it, _ADDABLE),
        message="add none",
        missing_ok=True,
        asks="Containers get no capabilities beyond those of the baseline standard",
        fix="Leave securityContext.capabilities.add out",
        ids="PSS:baseline CKV_K8S_25 CKV_K8S_39",
    ),
    Rule(
        "k8s-no-host-path",
        HIGH,
        WORKLOAD,
        no_host_path,
        asks="Pods mount nothing of their node, sockets of the container runtime included",
        fix="Use an emptyDir, or a volume of the cluster",
        ids="PSS:baseline CKV_K8S_27",
        reads="spec",
    ),
    container_rule(
        "k8s-no-host-ports",
        MEDIUM,
        "ports.*.hostPort",
        lambda it: str(it) == "0",
        message="leave it out",
        missing_ok=True,
        asks="Containers take no port of their node",
        fix="Leave hostPort out and use a Service",
        ids="PSS:baseline CKV_K8S_26",
    ),
    container_rule(
        "k8s-proc-mount-default",
        MEDIUM,
        "securityContext.procMount",
        lambda it: it == "Default",
        message="leave it out",
        missing_ok=True,
        asks="Containers see /proc masked",
        fix="Leave securityContext.procMount out",
        ids="PSS:baseline",
    ),
    pod_rule(
        "k8s-sysctls-safe",
        MEDIUM,
        "securityContext.sysctls.*.name",
        lambda it: among(it, _SAFE_SYSCTLS),
        message="set none that isn't safe",
        missing_ok=True,
        asks="Pods set only those kernel parameters that reach no other pod",
        fix="Leave the parameter out",
        ids="PSS:baseline",
    ),
    inherited_rule(
        "k8s-seccomp-runtime-default",
        MEDIUM,
        "securityContext.seccompProfile.type",
        lambda it: it in ("RuntimeDefault", "Localhost"),
        message="use RuntimeDefault",
        linux=True,
        asks="Containers may make only the calls of a seccomp profile",
        fix="Set securityContext.seccompProfile.type to RuntimeDefault",
        narrowed="Pods on Windows have none of it, and the standards ask for none there.",
        ids="PSS:restricted CKV_K8S_31",
    ),
    Rule(
        _NON_ROOT.name,
        HIGH,
        whole(WORKLOAD),
        never_root,
        asks=_NON_ROOT.asks,
        fix=_NON_ROOT.fix,
        ids="PSS:restricted CKV_K8S_23",
        reads="spec",
    ),
    container_rule(
        "k8s-no-privilege-escalation",
        HIGH,
        "securityContext.allowPrivilegeEscalation",
        means_false,
        message="set it to false",
        missing_ok=False,
        linux=True,
        asks="Processes get no more rights than their container has",
        fix="Set securityContext.allowPrivilegeEscalation to false in each container",
        narrowed="Pods on Windows have none of it, and the standards ask for none there.",
        ids="PSS:restricted EKS-1.8:4.2.5 CKV_K8S_20",
    ),
    container_rule(
        "k8s-drop-all-capabilities",
        MEDIUM,
        "securityContext.capabilities.drop",
        drops_all,
        message="list ALL",
        missing_ok=False,
        linux=True,
        asks="Containers drop all capabilities",
        fix="Set securityContext.capabilities.drop to ALL in each container",
        narrowed="Pods on Windows have none of it, and the standards ask for none there.",
        ids="PSS:restricted CKV_K8S_28 CKV_K8S_37",
    ),
    Rule(
        "k8s-volume-types-restricted",
        MEDIUM,
        WORKLOAD,
        volume_types_allowed,
        asks="Volumes are of the types of the restricted standard",
        fix="Use a ConfigMap, a Secret, an emptyDir or a claim",
        ids="PSS:restricted",
        reads="spec",
    ),
)
