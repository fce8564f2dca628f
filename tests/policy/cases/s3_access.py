"""Cases of the rules on S3 access points and object ownership."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept

POINT = "aws:s3/accessPoint:AccessPoint"
MULTI = "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint"
FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
ON = dict.fromkeys(FLAGS, True)


def blocks(token: str, wrap: Any) -> Cases:
    return Cases(
        token,
        compliant=wrap(ON),
        violating=wrap({**ON, "blockPublicPolicy": False}),
        missing=kept({}),
        unknown=wrap({**ON, "ignorePublicAcls": UNKNOWN}),
        more={"one flag alone": kept(wrap({"blockPublicAcls": True}))},
    )


CASES = {
    "s3-access-point-blocks-public": blocks(POINT, lambda it: {"publicAccessBlockConfiguration": it}),
    "s3-mrap-blocks-public": blocks(MULTI, lambda it: {"details": {"name": "web", "publicAccessBlock": it}}),
    "s3-acls-disabled": Cases(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        compliant={"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        violating={"rule": {"objectOwnership": "ObjectWriter"}},
        missing=broken({}),
        unknown={"rule": {"objectOwnership": UNKNOWN}},
    ),
}
