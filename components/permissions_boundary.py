"""Permissions boundary of every IAM role below a component, set by a transformation."""

from __future__ import annotations

import pulumi

ROLE_TYPE = "aws:iam/role:Role"


class RoleBoundary:
    """Permissions boundary for the roles below a component. See docs/decisions/boundary-by-transformation.md."""

    def __init__(self, account: str, policy_name: str) -> None:
        self._policy_arn = f"arn:aws:iam::{account}:policy/{policy_name}"
        self._policy: pulumi.Resource | None = None

    @property
    def options(self) -> pulumi.ResourceOptions:
        """Options by which a component gives the boundary to every role below it."""
        return pulumi.ResourceOptions(transformations=[self._transformed])

    def wait_for(self, policy: pulumi.Resource) -> None:
        """Makes every role that is registered from now on wait for the policy, in the stack that makes it."""
        self._policy = policy

    def _transformed(
        self, args: pulumi.ResourceTransformationArgs
    ) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != ROLE_TYPE:
            return None
        waiting = pulumi.ResourceOptions(depends_on=[] if self._policy is None else [self._policy])
        return pulumi.ResourceTransformationResult(
            props={**args.props, "permissions_boundary": self._policy_arn},
            opts=pulumi.ResourceOptions.merge(args.opts, waiting),
        )
