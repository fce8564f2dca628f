"""Secret of a service in Secrets Manager, in every cell where the service runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.data.secrets.replicated_secret import SecretRegions, replicated_secret
from components.data.secrets.rotation import SecretRotation, SecretRotationArgs


@dataclass(frozen=True, kw_only=True)
class RotationFunction:
    """Lambda function that sets the values of a secret, the first one too."""

    function_arn: pulumi.Input[str]
    function_name: pulumi.Input[str]
    role_name: pulumi.Input[str]
    reached_after: Sequence[pulumi.Resource]  # resources without which it doesn't reach Secrets Manager


@dataclass(frozen=True, kw_only=True)
class ApplicationSecretArgs:
    description: str
    regions: SecretRegions
    readers: Sequence[str]  # ARNs of roles, or patterns of them
    rotation_function: RotationFunction | None  # None for a secret that somebody outside issues: see below

    retire: bool


class ApplicationSecret(pulumi.ComponentResource):
    """A secret without a value in the program or its state. Without a function it is empty until somebody runs
    `aws secretsmanager put-secret-value`, for which that permission is enough: it doesn't let them read.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: ApplicationSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("castle:data:ApplicationSecret", name, None, opts)
        self.arn = replicated_secret(
            name,
            args.regions,
            description=args.description,
            readers=args.readers,
            retire=args.retire,
            parent=self,
        )
        if args.rotation_function is not None:
            SecretRotation(
                f"{name}-rotation",
                SecretRotationArgs(
                    account=args.regions.account,
                    secret_arn=self.arn,
                    key_arn=args.regions.key_arn,
                    function_arn=args.rotation_function.function_arn,
                    function_name=args.rotation_function.function_name,
                    role_name=args.rotation_function.role_name,
                    rotates=True,
                    rotate_after=args.rotation_function.reached_after,
                ),
                pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"arn": self.arn})
