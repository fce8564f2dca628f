"""Pod specs of Kubernetes workloads of any kind, and rules on one setting of a pod or container."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Unpack

from pulumi_policy import Severity

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value
from controls.language.rules import Meta, Rule, check_value
from controls.language.tokens import CRON_JOB, POD, WORKLOAD, Tokens, whole
from controls.language.verdicts import Fail, Undecided, Verdicts

# Everything that runs in a pod, whenever it does.
CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")
WITH_RESOURCES: Final = CONTAINERS[:2]  # those for debugging take no resources

ValueTest = Callable[[Value], bool]


def pod_template(node: Node) -> str:
    """Path of a workload's pod template; empty where the workload is a pod itself."""
    if node.type in POD:
        return ""
    return "spec.jobTemplate.spec.template." if node.type in CRON_JOB else "spec.template."


def pod_spec(node: Node) -> str:
    """Path of a workload's pod spec."""
    return f"{pod_template(node)}spec"


def on_windows(node: Node) -> Truth:
    """Returns whether the pods run on Windows, where the standards demand none of Linux's security settings."""
    system = node.get(f"{pod_spec(node)}.os.name")
    return UNKNOWN if system is UNKNOWN else system == "windows"


def containers(node: Node, kinds: Iterable[str] = CONTAINERS) -> Iterator[tuple[str, Value]]:
    """Each container of a workload, with its path; UNKNOWN for those that aren't known."""
    for kind in kinds:
        yield from node.find(f"{pod_spec(node)}.{kind}.*")


def pod_rule(
    name: str,
    severity: Severity,
    path: str,
    holds: ValueTest,
    *,
    message: str,
    missing_ok: bool,
    **meta: Unpack[Meta],
) -> Rule:
    """Rule that a setting of the pod holds. One that may be absent is judged in patches too."""

    def check(node: Node) -> Verdicts:
        yield from check_value(node, f"{pod_spec(node)}.{path}", holds, message, missing_ok=missing_ok)

    return Rule(name, severity, _types(missing_ok), check, reads="spec", **meta)


def container_rule(
    name: str,
    severity: Severity,
    path: str,
    holds: ValueTest,
    *,
    message: str,
    missing_ok: bool,
    linux: bool = False,
    **meta: Unpack[Meta],
) -> Rule:
    """Rule that a setting of each container holds. With `linux`, pods on Windows are not judged."""

    def check(node: Node) -> Verdicts:
        exempt = on_windows(node) if linux else False
        if exempt is True:
            return
        for kind in CONTAINERS:
            for verdict in check_value(
                node, f"{pod_spec(node)}.{kind}.*.{path}", holds, message, missing_ok=missing_ok
            ):
                yield Undecided(f"{pod_spec(node)}.os.name") if exempt is UNKNOWN else verdict

    return Rule(name, severity, _types(missing_ok), check, reads="spec", **meta)


def inherited_rule(
    name: str,
    severity: Severity,
    path: str,
    holds: ValueTest,
    *,
    message: str,
    linux: bool = False,
    **meta: Unpack[Meta],
) -> Rule:
    """Rule that a setting holds for each container, which takes the pod's where it has none."""

    def check(node: Node) -> Verdicts:
        exempt = on_windows(node) if linux else False
        if exempt is True:
            return
        general = node.get(f"{pod_spec(node)}.{path}")
        for where, container in containers(node):
            own = _value_at(container, path)
            yield from _check_inherited(
                f"{where}.{path}", general if own is MISSING else own, holds, message, exempt
            )

    return Rule(name, severity, _types(missing_ok=False), check, reads="spec", **meta)


def _check_inherited(path: str, value: Value, holds: ValueTest, message: str, exempt: Truth) -> Verdicts:
    if value is UNKNOWN:
        yield Undecided(path)
    elif value is MISSING or not holds(value):
        yield (
            Undecided("spec.os.name")
            if exempt is UNKNOWN
            else Fail(
                f"`{path}` {'is missing, and the pod has none' if value is MISSING else 'is wrong'}: {message}"
            )
        )


def _value_at(container: Any, path: str) -> Value:
    for part in path.split("."):
        if not isinstance(container, dict):
            return container if container is UNKNOWN else MISSING
        container = container.get(part, MISSING)
    return container


def _types(missing_ok: bool) -> Tokens:
    return WORKLOAD if missing_ok else whole(WORKLOAD)
