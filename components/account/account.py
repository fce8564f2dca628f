"""What an account has once, whatever the region."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


class Account(pulumi.ComponentResource):
    """No bucket can be made public, whatever its own settings say, and a console login has a long password.

    The settings are the account's: destroying them gives the account AWS's defaults back.
    """

    def __init__(self, name: str, account: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:account:Account", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        aws.s3.AccountPublicAccessBlock(
            f"{name}-no-public-buckets",
            account_id=account,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        # People come through roles; what a user made by hand would need is written down all the same.
        aws.iam.AccountPasswordPolicy(
            f"{name}-passwords",
            minimum_password_length=14,
            password_reuse_prevention=24,
            require_lowercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            require_uppercase_characters=True,
            allow_users_to_change_password=True,
            opts=child,
        )
        self.register_outputs({})
