"""Regions of AWS by the law that holds where they are: residencies of data, and features that some regions lack.

The United Kingdom and Switzerland have adequacy decisions but are not in the EU, so their regions are `other`:
a cell there takes only `global` data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Residency = Literal["global", "us", "eu"]  # of a data set
Location = Literal["us", "eu", "other"]  # of a region

EDGE_REGION = "us-east-1"  # where CloudFront's certificates and logs, and Route 53's metrics, have to be

_US = ("us-east-1", "us-east-2", "us-west-1", "us-west-2")
_EU = ("eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3")
_OTHER = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
    *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-2"),
    *("eu-west-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
)

LOCATION_OF_REGION: dict[str, Location] = {
    **dict.fromkeys(_US, "us"),
    **dict.fromkeys(_EU, "eu"),
    **dict.fromkeys(_OTHER, "other"),
}


# Where a DynamoDB table can be strongly consistent: in exactly three of these, in any continents. As announced on
# 2026-09-23 and read on 2026-11-22; the API reference still knew ten of them, in three sets that don't mix.
# https://aws.amazon.com/about-aws/whats-new/2026/09/dynamodb-mrsc-additional-regions/
STRONG_REGIONS = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ca-central-1"),
    *("eu-central-1", "eu-north-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("us-east-1", "us-east-2", "us-west-2"),
)
STRONG_COPIES = 3


# Regions that lack what a cell has, by CloudFormation's offer of 2026-10-20, to which a test holds them. me-south-1
# isn't in that; botocore's endpoints have Redshift Serverless everywhere but there.
ABSENT_FOR_CELLS: dict[str, tuple[str, ...]] = {
    "restore tests of AWS Backup": ("ap-southeast-5", "ap-southeast-7"),
    "a block of public snapshots": ("ap-east-2",),
}
ABSENT_FOR_LEDGER: dict[str, tuple[str, ...]] = {"RDS Proxy": ("ap-east-2",)}
ABSENT_FOR_GLOBAL_CACHE: dict[str, tuple[str, ...]] = {"ElastiCache's global datastores": ("ap-southeast-6",)}
ABSENT_FOR_BIRTH_CELL: dict[str, tuple[str, ...]] = {
    "zero-ETL integrations of Aurora": (
        *("ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "mx-central-1"),
    ),
    "Redshift Serverless": ("me-south-1",),
}
# Zones, by the id that is the same in every account, that lack what a cell has in each of its zones. Which letter a
# zone has differs from account to account. That use1-az3 has no VPC link was read on 2026-12-01; the rest is from
# earlier readings and not confirmed again, so the page of the first deployment asks.
# https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html#network-requirements-subnets
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
LACKING_ZONES: Mapping[str, str] = {
    "use1-az3": "control plane of EKS, VPC link of API Gateway and RDS Proxy",
    "usw1-az2": "control plane of EKS",
    "cac1-az3": "control plane of EKS",
}
CODE_SIGNING = "code signing of Lambda"
LACKING_CODE_SIGNING = (
    *("ap-east-2", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
    *("ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-2", "il-central-1"),
    *("me-central-1", "mx-central-1"),
)
SMALL_CACHES = ("cache.t4g.micro", "cache.t4g.small")
LACKING_SMALL_CACHES = ("me-central-1", "me-south-1")
OFFER_OF = "2026-10-20"


# Regions in which a cell of any kind may be.
WITH_ALL = tuple(
    region
    for region in sorted(LOCATION_OF_REGION)
    if not any(
        region in regions
        for table in (ABSENT_FOR_CELLS, ABSENT_FOR_LEDGER, ABSENT_FOR_GLOBAL_CACHE, ABSENT_FOR_BIRTH_CELL)
        for regions in table.values()
    )
)


def lacking(table: Mapping[str, tuple[str, ...]], region: str) -> list[str]:
    """Features of a table that a region lacks."""
    return [feature for feature, regions in table.items() if region in regions]


def resides(region: str, residency: Residency) -> bool:
    """Returns whether data of a residency may be in a region."""
    return residency in ("global", LOCATION_OF_REGION[region])
