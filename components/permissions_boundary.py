"""Every role that the program makes below a component has the platform's boundary."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

ROLE = "aws:iam/role:Role"


def boundary_arn(account: str, policy_name: str) -> str:
    return f"arn:aws:iam::{account}:policy/{policy_name}"


def bounded(policy_arn: str, made: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
    """Options by which all below what has them makes its roles with the boundary, and after what is `made`.

    `made` may be filled until the first role is. See docs/decisions/boundary-by-transformation.md.
    """

    def bound(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != ROLE:
            return None
        after = pulumi.ResourceOptions(depends_on=list(made))
        return pulumi.ResourceTransformationResult(
            props={**args.props, "permissions_boundary": policy_arn},
            opts=pulumi.ResourceOptions.merge(args.opts, after),
        )

    return pulumi.ResourceOptions(transformations=[bound])
