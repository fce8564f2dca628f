"""Transformation that gives every IAM role below a component the platform's permissions boundary."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

ROLE_TYPE = "aws:iam/role:Role"


def permissions_boundary_arn(account: str, policy_name: str) -> str:
    return f"arn:aws:iam::{account}:policy/{policy_name}"


def with_permissions_boundary(
    policy_arn: str, after: Sequence[pulumi.Resource] = ()
) -> pulumi.ResourceOptions:
    """Options for a component: every role below it gets the boundary, and is made after the resources in `after`.

    `after` may be filled until the first role is made. See docs/decisions/boundary-by-transformation.md.
    """

    def set_boundary(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != ROLE_TYPE:
            return None
        dependencies = pulumi.ResourceOptions(depends_on=list(after))
        return pulumi.ResourceTransformationResult(
            props={**args.props, "permissions_boundary": policy_arn},
            opts=pulumi.ResourceOptions.merge(args.opts, dependencies),
        )

    return pulumi.ResourceOptions(transformations=[set_boundary])
