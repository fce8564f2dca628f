"""Settings of the AWS account: S3 public-access block and password policy."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

# The CIS AWS Foundations Benchmark asks for both.
MIN_PASSWORD_LENGTH = 14
REMEMBERED_PASSWORDS = 24  # none of which may be used again


class Account(pulumi.ComponentResource):
    """Settings that an account has once: no bucket can be made public, and passwords of console users are long.

    Destroying them gives the account AWS's defaults back.
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
        # People sign in through roles; the policy is for a user that somebody makes by hand all the same.
        aws.iam.AccountPasswordPolicy(
            f"{name}-passwords",
            minimum_password_length=MIN_PASSWORD_LENGTH,
            password_reuse_prevention=REMEMBERED_PASSWORDS,
            require_lowercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            require_uppercase_characters=True,
            allow_users_to_change_password=True,
            opts=child,
        )
        self.register_outputs({})
