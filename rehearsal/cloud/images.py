"""Images in ECR: what runs a container, and is waited for, fails where its image wasn't pushed or replicated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.cloud.types.formats import ACCOUNT, attributes, value_at
from rehearsal.values import Value, Values, reveal_top

IMAGE: Final = "aws:ecr/image:Image"  # what was pushed; no program makes one
_ECS_SERVICE: Final = "aws:ecs/service:Service"
_FUNCTION: Final = "aws:lambda/function:Function"
# Kinds whose pods the provider waits for.
# https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
_WAITED_FOR: Final = re.compile(r"kubernetes:(apps|batch)/v1:(Deployment|StatefulSet|DaemonSet|Job)")
_SKIP: Final = "pulumi.com/skipAwait"
_ECR: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^@:]+)"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64})|:(?P<tag>[\w.-]+))?"
)


def images_must_be_there(inventory: Inventory, type_: str, values: Values) -> None:
    """Raises RefusedError for containers that can't start: their image isn't in the repository of its region.

    Of other registries, and of other accounts, nothing is known.
    """
    for code, image in _images(inventory, type_, values):
        named = _ECR.fullmatch(image)
        if named is None or named["account"] != ACCOUNT or _is_there(inventory, named):
            continue
        if inventory.resolve("repository", named["repository"], named["region"]) is None:
            why = f"{named['region']} has no repository {named['repository']}"
        else:
            why = f"it was never pushed to {named['repository']} or replicated to {named['region']}"
        raise RefusedError(code, f"{image} can't be pulled: {why}")


def _is_there(inventory: Inventory, named: re.Match[str]) -> bool:
    return any(
        one.region == named["region"]
        and one.inputs["repositoryName"] == named["repository"]
        and (
            one.inputs["imageDigest"] == named["digest"]
            if named["digest"]
            else (named["tag"] or "latest") in one.inputs["imageTags"]
        )
        for one in inventory.of_type(IMAGE)
    )


def _images(inventory: Inventory, type_: str, values: Values) -> Iterator[tuple[str, str]]:
    """Images that are pulled before a resource counts as made, each with the error when it can't be."""
    if type_ == _ECS_SERVICE and value_at(values, "waitForSteadyState") is True:
        task = inventory.resolve("taskDefinition*", str(value_at(values, "taskDefinition")), "")
        containers = value_at(attributes(task), "containerDefinitions") if task else None
        for one in json.loads(containers) if isinstance(containers, str) else ():
            yield "CannotPullContainerError", str(one.get("image"))
    elif type_ == _FUNCTION and isinstance(uri := value_at(values, "imageUri"), str):
        yield "InvalidParameterValueException", uri
    elif _WAITED_FOR.fullmatch(type_) and not _is_not_waited_for(values):
        for image in _of_pods(value_at(values, "spec.template.spec")):
            yield "ImagePullBackOff", image


def _is_not_waited_for(values: Values) -> bool:
    annotations = value_at(values, "metadata.annotations")
    return isinstance(annotations, dict) and annotations.get(_SKIP) == "true"


def _of_pods(spec: Value) -> Iterator[str]:
    for name in ("initContainers", "containers") if isinstance(spec, dict) else ():
        containers = spec.get(name)
        for one in containers if isinstance(containers, list) else ():
            image = reveal_top(one.get("image")) if isinstance(one, dict) else None
            if isinstance(image, str):
                yield image
