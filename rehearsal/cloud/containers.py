"""Containers that something is waited for to run: of tasks on ECS, and of pods."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.types.formats import attributes, value_at
from rehearsal.values import Value, Values, reveal

_ECS_SERVICE: Final = "aws:ecs/service:Service"
# Kinds whose pods the provider waits for.
# https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
_WAITED_FOR: Final = re.compile(r"kubernetes:(apps|batch)/v1:(Deployment|StatefulSet|DaemonSet|Job)")
_SKIP: Final = "pulumi.com/skipAwait"


@dataclass(frozen=True)
class Container:
    """Container, and the task definition or the pod's spec that it is in."""

    written: dict[str, Any]
    around: dict[str, Any]
    in_pod: bool

    @property
    def image(self) -> str:
        return str(self.written.get("image"))


def containers_waited_for(inventory: Inventory, type_: str, values: Values) -> Iterator[Container]:
    """Containers without which a resource doesn't count as made."""
    if type_ == _ECS_SERVICE and value_at(values, "waitForSteadyState") is True:
        task = inventory.resolve("taskDefinition*", str(value_at(values, "taskDefinition")), "")
        known = {} if task is None else reveal(attributes(task))
        listed = known.get("containerDefinitions")
        for one in json.loads(listed) if isinstance(listed, str) else ():
            yield Container(one, known, in_pod=False)
    elif _WAITED_FOR.fullmatch(type_) and not _is_not_waited_for(values):
        spec = reveal(value_at(values, "spec.template.spec"))
        for name in ("initContainers", "containers") if isinstance(spec, dict) else ():
            for one in _dictionaries(spec.get(name)):
                yield Container(one, spec, in_pod=True)


def _dictionaries(listed: Value) -> list[dict[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _is_not_waited_for(values: Values) -> bool:
    annotations = value_at(values, "metadata.annotations")
    return isinstance(annotations, dict) and annotations.get(_SKIP) == "true"
