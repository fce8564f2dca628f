"""Filling of the schemas' cache, in a process that has the SDK's modules loaded and its types resolved already."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rehearsal.cloud.types.schema import PACKAGES, Schemas, registered


def fill(cache: str, classes: Iterable[str]) -> None:
    """Writes the schemas of resource classes, such as `pulumi_aws.ec2.Subnet`, that the cache hasn't got yet."""
    schemas, wanted = Schemas(Path(cache)), set(classes)
    for package in PACKAGES:
        for token, (module, name) in registered(package).items():
            if f"{module}.{name}" in wanted:
                schemas.of(token)
