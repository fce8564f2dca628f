"""Deployment snapshot of a REST API: the resources that a deployment consists of, and a hash of their inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Mapping
from typing import cast

import pulumi

# Inputs without effect for clients, which need no new deployment.
IGNORED_INPUTS = frozenset({"region", "tags", "description"})


class DeploymentSnapshot:
    """Collects the resources that are created with its options, and all of their inputs.

    A stage serves what was deployed last, so any change needs a new deployment, and nothing else may make one. A list
    kept by hand would miss some. Nested inputs have to be dictionaries: the SDK's classes can't be read here.
    """

    def __init__(self, parent: pulumi.Resource) -> None:
        self._inputs: dict[str, Mapping[str, object]] = {}
        self.resources: list[pulumi.Resource] = []
        self.opts = pulumi.ResourceOptions(parent=parent, transformations=[self._collect])

    def _collect(self, args: pulumi.ResourceTransformationArgs) -> None:
        inputs = {
            name: value
            for name, value in args.props.items()
            if value is not None and name not in IGNORED_INPUTS and not name.startswith("_")
        }
        self._inputs[f"{args.type_} {args.name}"] = inputs
        self.resources.append(args.resource)

    def fingerprint(self) -> pulumi.Output[str]:
        """Hash of all inputs, for the trigger of the deployment.

        It changes with what the inputs are made of, and yet depends on none of it: a dependent is deleted along with
        what is deleted before its replacement, and API Gateway deletes no deployment that a stage serves.
        https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDeployment.html
        """
        found = pulumi.Output.json_dumps(self._inputs, sort_keys=True).apply(
            lambda text: hashlib.sha256(text.encode()).hexdigest()
        )
        value = cast("Awaitable[str]", found.future())
        return pulumi.Output(set(), value, found.is_known(), found.is_secret())
