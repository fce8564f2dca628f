"""Cases of the rules on account-wide settings."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken

BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
BUCKET = "aws:s3/bucket:Bucket"
VPC = "aws:ec2/vpc:Vpc"
FLAGS = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}


def disks(**props: Any) -> dict[str, list[Res]]:
    """A region with a network, and with its default for disks."""
    setting = Res(
        "aws:ebs/encryptionByDefault:EncryptionByDefault", {"region": "eu-west-1", **props}, "disks"
    )
    return {"a": [Res(VPC, {"region": "eu-west-1"}, "vpc"), setting]}


CASES = {
    "s3-account-public-access-blocked": Cases(
        BUCKET,
        compliant={"a": [Res(BUCKET)], "edge": [Res(BLOCK, FLAGS)]},
        violating={"a": [Res(BUCKET)], "edge": [Res(BLOCK, {**FLAGS, "blockPublicAcls": False})]},
        missing=broken({"a": [Res(BUCKET)]}),
        unknown={"edge": [Res(BLOCK, {**FLAGS, "blockPublicAcls": UNKNOWN})]},
    ),
    "ebs-encryption-by-default": Cases(
        VPC,
        compliant=disks(),
        violating=disks(enabled=False),
        missing=broken({"a": [Res(VPC, {"region": "eu-west-1"})]}),
        unknown=disks(enabled=UNKNOWN),
    ),
}
