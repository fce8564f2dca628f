"""Every role below a component has the platform's boundary, whoever makes it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

ROLE = "aws:iam/role:Role"


def boundary_arn(account: str, policy_name: str) -> str:
    return f"arn:aws:iam::{account}:policy/{policy_name}"


def bounded(policy_arn: str, made: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
    """Options by which all below what has them makes its roles with the boundary, and after what is `made`.

    `made` may be filled until the first role is. One component at the top has them: each that has them would ask
    the engine to call back for every resource below it.

    A transform, since a role that forgot an argument would be the one that matters, and since it reaches roles that
    a component of somebody else's makes. See docs/decisions/boundary-by-transform.md.
    """

    def bound(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != ROLE:
            return None
        after = pulumi.ResourceOptions(depends_on=list(made))
        return pulumi.ResourceTransformResult(
            props={**args.props, "permissionsBoundary": policy_arn},
            opts=pulumi.ResourceOptions.merge(args.opts, after),
        )

    return pulumi.ResourceOptions(transforms=[bound])
