"""User group of a Valkey cache: one IAM user for each service that signs in to it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.data.cache.parameters import ENGINE


def user_group(
    name: str, group: str, access_strings: Mapping[str, str], *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The id of the user group `group` with a user for each of `access_strings`, as children of `parent`.

    Users sign in by IAM, for which AWS wants a user's id to be its name: `{group}-{user}`, at most 40 characters.
    None is called `default`: a Valkey group needs none, refuses one without a password, and lets nobody in who
    doesn't sign in. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
    """
    child = pulumi.ResourceOptions(parent=parent)
    users = [
        aws.elasticache.User(
            f"{name}-user-{user}",
            user_id=f"{group}-{user}",
            user_name=f"{group}-{user}",
            engine=ENGINE,
            access_string=access_string,
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
            opts=child,
        )
        for user, access_string in access_strings.items()
    ]
    return aws.elasticache.UserGroup(
        f"{name}-users",
        user_group_id=group,
        engine=ENGINE,
        user_ids=[user.user_id for user in users],
        opts=child,
    ).user_group_id
