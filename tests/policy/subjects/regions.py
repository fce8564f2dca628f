"""Resources in regions: a network, what stands beside it, and keys that several regions have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

ACCOUNT = "123456789012"
VPC = "aws:ec2/vpc:Vpc"
HOME = {"region": "eu-west-1"}
NETWORK = Res(VPC, HOME, "vpc")


def key(region: str) -> str:
    """ARN of a multi-Region key in a region."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/mrk-1"


def here(token: str, name: str = "it", **props: Any) -> Res:
    return Res(token, HOME | props, name)


def per_region(
    token: str, good: Mapping[str, Any], bad: Mapping[str, Any], unknown: Mapping[str, Any], **more: Any
) -> Cases:
    """The cases of a rule that wants one of these in each region that has a network."""
    return Cases(
        VPC,
        compliant=[NETWORK, here(token, **good)],
        violating=[NETWORK, here(token, **bad)],
        missing=broken([NETWORK]),
        unknown=[NETWORK, here(token, **unknown)],
        more={
            "in another region": broken([NETWORK, Res(token, {"region": "us-east-1", **good})]),
            "in a region that isn't known": undecided([NETWORK, Res(token, {"region": UNKNOWN, **good})]),
            "by another stack": kept({"a": [NETWORK], "b": [here(token, **good)]}),
            "where there is no network": kept([here(token, **bad)]),
            **more,
        },
    )
