"""Statement of a KMS key policy by which the deployer administers the key."""

from __future__ import annotations

_ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
]


def administration_statement(account: str, deployer: str) -> dict[str, object]:
    """Lets the deployer and the root user change the key, and not use it."""
    # The account narrowed by name, not the role as principal: KMS pins a role to its hidden id, so that a role
    # deleted and made again would be locked out. The root user stays as the way back in.
    return {
        "Sid": "Administration",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": _ADMINISTRATION,
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": [deployer, f"arn:aws:iam::{account}:root"]}},
    }
