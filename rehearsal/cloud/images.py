"""Images in ECR: what runs a container, and is waited for, fails where its image wasn't pushed or replicated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rehearsal.cloud.containers import containers_waited_for
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.cloud.types.formats import ACCOUNT, value_at
from rehearsal.values import Values

IMAGE: Final = "aws:ecr/image:Image"  # what was pushed; no program makes one
WRITES: Final = "__writes"  # property of an image: paths that its process writes
_FUNCTION: Final = "aws:lambda/function:Function"
_ECR: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^@:]+)"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64})|:(?P<tag>[\w.-]+))?"
)


def images_must_be_there(inventory: Inventory, type_: str, values: Values) -> None:
    """Raises RefusedError for containers that can't start: their image isn't in the repository of its region.

    Of other registries, and of other accounts, nothing is known.
    """
    for code, image in _images(inventory, type_, values):
        named = _own(image)
        if named is None or _pushed(inventory, named) is not None:
            continue
        if inventory.resolve("repository", named["repository"], named["region"]) is None:
            why = f"{named['region']} has no repository {named['repository']}"
        else:
            why = f"it was never pushed to {named['repository']} or replicated to {named['region']}"
        raise RefusedError(code, f"{image} can't be pulled: {why}")


def paths_written(inventory: Inventory, image: str) -> list[str]:
    """Paths that an image's process writes, as was said when it was pushed; none of another registry's."""
    named = _own(image)
    pushed = None if named is None else _pushed(inventory, named)
    return [] if pushed is None else list(pushed.inputs.get(WRITES) or ())


def _own(image: str) -> re.Match[str] | None:
    """Name of an image in a registry of this account."""
    named = _ECR.fullmatch(image)
    return named if named is not None and named["account"] == ACCOUNT else None


def _pushed(inventory: Inventory, named: re.Match[str]) -> CloudResource | None:
    for one in inventory.of_type(IMAGE):
        tagged = (named["tag"] or "latest") in one.inputs["imageTags"]
        is_it = one.inputs["imageDigest"] == named["digest"] if named["digest"] else tagged
        if is_it and one.region == named["region"] and one.inputs["repositoryName"] == named["repository"]:
            return one
    return None


def _images(inventory: Inventory, type_: str, values: Values) -> Iterator[tuple[str, str]]:
    """Images that are pulled before a resource counts as made, each with the error when it can't be."""
    if type_ == _FUNCTION and isinstance(uri := value_at(values, "imageUri"), str):
        yield "InvalidParameterValueException", uri
    for container in containers_waited_for(inventory, type_, values):
        yield "ImagePullBackOff" if container.in_pod else "CannotPullContainerError", container.image
