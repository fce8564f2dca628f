"""Rules on Kubernetes workloads: resource limits, image registries, service accounts and their tokens."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node
from controls.language.rules import HIGH, MEDIUM, Config, Param, Rule, check_value, means_false
from controls.language.tokens import SERVICE_ACCOUNT, WORKLOAD, whole
from controls.language.verdicts import Fail, Undecided, Verdicts
from controls.services.kubernetes.pods import CONTAINERS, WITH_RESOURCES, pod_spec

_BOUNDS: Final = ("requests.cpu", "requests.memory", "limits.memory")


def resources_bounded(node: Node) -> Verdicts:
    """Resource requests and memory limits of containers. A limit of CPU is left to the program: it slows a
    container down that has work while the node has none."""
    for kind in WITH_RESOURCES:
        for bound in _BOUNDS:
            yield from check_value(node, f"{pod_spec(node)}.{kind}.*.resources.{bound}", bool, "set it")


def registry_of(image: str) -> str:
    """Host in an image's name; Docker's own where it names none."""
    host, slash, _ = image.partition("/")
    return host if slash and ("." in host or ":" in host or host == "localhost") else "docker.io"


def from_listed_registry(node: Node, config: Config) -> Verdicts:
    """Allow-list of image registries. Without a list every registry is allowed."""
    listed = config["registries"]
    for kind in CONTAINERS if listed else ():
        yield from check_value(
            node,
            f"{pod_spec(node)}.{kind}.*.image",
            lambda it: any(fnmatchcase(registry_of(str(it)), pattern) for pattern in listed),
            "use an image of a listed registry",
            missing_ok=True,
        )


def dedicated_service_account(node: Node) -> Verdicts:
    path = f"{pod_spec(node)}.serviceAccountName"
    name = node.get(path)
    if name is MISSING:
        name = node.get(f"{pod_spec(node)}.serviceAccount")  # its name of old
    if name is UNKNOWN:
        yield Undecided(path)
    elif name in (MISSING, "", "default"):
        yield Fail(f"`{path}` is missing or default: name a ServiceAccount of its own")


def no_token_automount(node: Node) -> Verdicts:
    """Tokens of service accounts aren't mounted automatically. An account mounts its token wherever it is used; a
    pod that needs one sets it itself."""
    name = "automountServiceAccountToken"
    if node.type in SERVICE_ACCOUNT:
        yield from check_value(
            node, name, means_false, "set it to false, and to true in the pods that need it"
        )
    elif node.get(f"{pod_spec(node)}.{name}") is MISSING:
        yield Fail(
            f"`{pod_spec(node)}.{name}` is missing: set it to false, or to true where the pod asks Kubernetes"
        )


RULES: Final = (
    Rule(
        "k8s-resources-bounded",
        HIGH,
        whole(WORKLOAD),
        resources_bounded,
        asks="Containers say what CPU and memory they need, and what memory at most",
        fix="Set resources.requests.cpu, resources.requests.memory and resources.limits.memory",
        ids="CKV_K8S_10 CKV_K8S_11 CKV_K8S_12 CKV_K8S_13",
        reads="spec",
    ),
    Rule(
        "k8s-image-registry-allowlist",
        HIGH,
        WORKLOAD,
        from_listed_registry,
        asks="Images come from listed registries",
        fix="Copy the image to a listed registry, or list its own in the rule's configuration",
        ids="EKS-1.8:5.1.4",
        reads="spec",
        config={"registries": Param([], "Patterns of registries' hosts; without any, all will do")},
    ),
    Rule(
        "k8s-dedicated-service-account",
        MEDIUM,
        whole(WORKLOAD),
        dedicated_service_account,
        asks="Pods speak as a service account of their own",
        fix="Name a ServiceAccount in serviceAccountName",
        ids="EKS-1.8:4.1.5 CKV_K8S_41 CKV_K8S_42",
        reads="spec",
    ),
    Rule(
        "k8s-token-automount-off",
        MEDIUM,
        whole(WORKLOAD + SERVICE_ACCOUNT),
        no_token_automount,
        asks="Pods get a token for Kubernetes only where they ask for it",
        fix="Set automountServiceAccountToken to false, and to true in the pods that call Kubernetes",
        narrowed="A pod that asks Kubernetes mounts its token by saying so itself, not through its account.",
        ids="EKS-1.8:4.1.6 CKV_K8S_38",
        reads="spec automountServiceAccountToken",
    ),
)
