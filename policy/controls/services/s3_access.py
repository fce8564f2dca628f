"""Rules on S3 access points and object ownership."""

from __future__ import annotations

from typing import Final, Unpack

from pulumi_policy import Severity

from controls.language.buckets import PUBLIC_ACCESS_FLAGS
from controls.language.facts import Node
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Meta, Rule, check_value, means_true, require_value
from controls.language.tokens import BUCKET_ACCESS_POINT, BUCKET_OWNERSHIP, MULTI_REGION_ACCESS_POINT, Tokens
from controls.language.verdicts import Verdicts


def _block_rule(name: str, severity: Severity, types: Tokens, block: str, **meta: Unpack[Meta]) -> Rule:
    """Rule that no flag of an access point's public access block is off. S3 turns on all of them where nothing is
    written, and none can be changed later."""

    def check(node: Node) -> Verdicts:
        for flag in PUBLIC_ACCESS_FLAGS:
            yield from check_value(
                node, f"{block}.{flag}", means_true, "set it to true or leave it out", missing_ok=True
            )

    return Rule(name, severity, types, check, reads=block, **meta)


RULES: Final = (
    _block_rule(
        "s3-access-point-blocks-public",
        CRITICAL,
        BUCKET_ACCESS_POINT,
        "publicAccessBlockConfiguration",
        asks="Access points block public access",
        fix="Leave publicAccessBlockConfiguration out, or set all its flags to true",
        ids="S3.19 CKV_AWS_392",
    ),
    _block_rule(
        "s3-mrap-blocks-public",
        HIGH,
        MULTI_REGION_ACCESS_POINT,
        "details.publicAccessBlock",
        asks="Multi-region access points block public access",
        fix="Leave details.publicAccessBlock out, or set all its flags to true",
        ids="S3.24",
    ),
    require_value(
        "s3-acls-disabled",
        MEDIUM,
        BUCKET_OWNERSHIP,
        "rule.objectOwnership",
        lambda it: it == "BucketOwnerEnforced",
        message="use BucketOwnerEnforced",
        asks="The owner of a bucket owns what is in it, and ACLs count for nothing",
        fix="Set rule.objectOwnership to BucketOwnerEnforced",
        ids="S3.12 CKV2_AWS_65",
    ),
)
