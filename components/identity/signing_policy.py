"""KMS key policy of a key that signs tokens: the roles that sign and verify with it."""

from __future__ import annotations

from collections.abc import Sequence

from components.key_administration import administration_statement

ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256"  # RS256, the one that the authorizer verifies


def signing_key_policy(*, account: str, deployer: str, signers: Sequence[str]) -> dict[str, object]:
    """The policy of the key and of each replica, the same in every region.

    Only roles whose names match one of `signers` sign, and only by the one algorithm. The public key may be read by
    any principal of the account whose own policy allows it.
    """
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    roles = [f"arn:aws:iam::{account}:role/{pattern}" for pattern in signers]
    return {
        "Version": "2012-10-17",
        "Statement": [
            administration_statement(account, deployer),
            {
                "Sid": "Sign",
                "Effect": "Allow",
                "Principal": root,
                "Action": "kms:Sign",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"kms:CallerAccount": account, "kms:SigningAlgorithm": ALGORITHM},
                    "ArnLike": {"aws:PrincipalArn": roles},
                },
            },
            {
                "Sid": "Verify",
                "Effect": "Allow",
                "Principal": root,
                "Action": ["kms:DescribeKey", "kms:GetPublicKey", "kms:Verify"],
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:CallerAccount": account}},
            },
        ],
    }
