"""What a deployment of a REST API holds: all that it is made of, found by watching it being made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pulumi

# They say what a thing is called or where it is, and clients can't tell.
SILENT = frozenset({"region", "tags", "description"})


class Snapshot:
    """Remembers the resources that are made with its options, and all of their inputs.

    What is deployed stays as it was until there is a new deployment, so one has to come whenever any of it changes,
    and for nothing else. To list by hand what counts is to forget some of it. Nested inputs have to be dictionaries:
    what is in the SDK's own classes can't be told from here.
    """

    def __init__(self, parent: pulumi.Resource) -> None:
        self._inputs: dict[str, Mapping[str, object]] = {}
        self.resources: list[pulumi.Resource] = []
        self.opts = pulumi.ResourceOptions(parent=parent, transformations=[self._remember])

    def _remember(self, made: pulumi.ResourceTransformationArgs) -> None:
        said = {
            name: value
            for name, value in made.props.items()
            if value is not None and name not in SILENT and not name.startswith("_")
        }
        self._inputs[f"{made.type_} {made.name}"] = said
        self.resources.append(made.resource)

    def fingerprint(self) -> pulumi.Output[str]:
        """The same as long as nothing of it changes."""
        return pulumi.Output.json_dumps(self._inputs, sort_keys=True).apply(
            lambda text: hashlib.sha256(text.encode()).hexdigest()
        )
