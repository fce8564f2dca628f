"""Rules on account-wide settings: S3's block of public access, and EBS encryption by default in each region."""

from __future__ import annotations

from typing import Final

from controls.language.buckets import PUBLIC_ACCESS_FLAGS
from controls.language.facts import UNKNOWN, all_of, shown_region
from controls.language.graph import Platform
from controls.language.rules import HIGH, MEDIUM, platform_rule
from controls.language.tokens import ACCOUNT_BLOCK, BUCKET, EBS_ENCRYPTION, VPC
from controls.language.verdicts import Fail, Undecided, Verdicts


def public_access_blocked(platform: Platform) -> Verdicts:
    blocks = platform.graph.of(ACCOUNT_BLOCK)
    for block in blocks:
        whole = all_of(
            *(UNKNOWN if (it := block.flag(name)) is UNKNOWN else it is True for name in PUBLIC_ACCESS_FLAGS)
        )
        if whole is UNKNOWN:
            yield Undecided("blockPublicAcls", block.urn)
        elif whole is False:
            yield Fail("not all four flags are true: set them all", block.urn)
    if not blocks:
        yield Fail(
            "no stack declares the account's block: add an AccountPublicAccessBlock with all four flags"
        )


def ebs_encrypted_by_default(platform: Platform) -> Verdicts:
    """EBS encryption by default is on in each region that has a VPC. It is on when `enabled` isn't written."""
    settings = {it.region: it for it in platform.graph.of(EBS_ENCRYPTION)}
    for region in platform.regions:
        vpc = next(it for it in platform.graph.of(VPC) if it.region == region)
        if region not in settings:
            yield Fail(
                f"nothing encrypts disks by default in {shown_region(region)}: add an EncryptionByDefault",
                vpc.urn,
            )
        elif settings[region].flag("enabled") is UNKNOWN:
            yield Undecided("enabled", settings[region].urn)
        elif settings[region].flag("enabled") is False:
            yield Fail("`enabled` is false: set it to true or leave it out", settings[region].urn)


RULES: Final = (
    platform_rule(
        "s3-account-public-access-blocked",
        HIGH,
        BUCKET + ACCOUNT_BLOCK,
        public_access_blocked,
        asks="The account blocks public access to buckets",
        fix="Add an AccountPublicAccessBlock with all four flags true to the stack of account-wide settings",
        ids="S3.1 CIS-3.0:2.1.4 CIS-5.0:2.1.4",
    ),
    platform_rule(
        "ebs-encryption-by-default",
        MEDIUM,
        VPC + EBS_ENCRYPTION,
        ebs_encrypted_by_default,
        asks="Each region in use encrypts new disks by default",
        fix="Add an EncryptionByDefault in each region",
        ids="EC2.7 CIS-3.0:2.2.1 CIS-5.0:5.1.1 CKV_AWS_106",
    ),
)
