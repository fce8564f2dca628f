"""Settings refuse a region that lacks what they ask for, and say so by the same dated offer as the judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rehearsal.judges.digest import digest
from settings import regions
from tests.unit.settings.given import CELLS, ONLY_BIRTH, cell, refusal, sizes

# Types of the program by the feature that they are part of.
TYPES: Mapping[str, tuple[str, ...]] = {
    "restore tests of AWS Backup": (
        "aws:backup/restoreTestingPlan:RestoreTestingPlan",
        "aws:backup/restoreTestingSelection:RestoreTestingSelection",
    ),
    "a block of public snapshots": ("aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",),
    "RDS Proxy": (
        "aws:rds/proxy:Proxy",
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "aws:rds/proxyEndpoint:ProxyEndpoint",
        "aws:rds/proxyTarget:ProxyTarget",
    ),
    "ElastiCache's global datastores": ("aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",),
    "zero-ETL integrations of Aurora": ("aws:rds/integration:Integration",),
    "code signing of Lambda": ("aws:lambda/codeSigningConfig:CodeSigningConfig",),
}


def elsewhere(region: str) -> list[dict[str, Any]]:
    """The committed cells, the second of them in another region."""
    return [CELLS[0], {"name": region, "region": region, "cidr": "10.9.0.0/16"}]


def test_what_regions_lack_is_what_the_judges_say() -> None:
    said = {
        **regions.ABSENT_FOR_CELLS,
        **regions.ABSENT_FOR_LEDGER,
        **regions.ABSENT_FOR_GLOBAL_CACHE,
        **regions.ABSENT_FOR_BIRTH_CELL,
        regions.CODE_SIGNING: regions.LACKING_CODE_SIGNING,
    }
    del said["Redshift Serverless"]  # by the model's endpoints, which the digest hasn't got
    judges = {token: digest().of(token) for tokens in TYPES.values() for token in tokens}
    found = {token: judge.absent for token, judge in judges.items() if judge is not None}
    assert {feature: {found[token] for token in tokens} for feature, tokens in TYPES.items()} == {
        feature: {frozenset(absent)} for feature, absent in said.items()
    }
    named = {token for tokens in TYPES.values() for token in tokens}
    others = (token for token in digest().tokens - named if (judge := digest().of(token)) and judge.absent)
    assert list(others) == []
    assert digest().sources["cfn-lint"].date == regions.OFFER_OF


def test_small_caches_are_where_the_judges_have_them() -> None:
    group = digest().of("aws:elasticache/replicationGroup:ReplicationGroup")
    assert group is not None
    lists = [case for case in group.cases if case.path == "nodeType"]
    lacking = {
        region
        for case in lists
        for region in case.regions or ()
        if not set(regions.SMALL_CACHES) <= (case.bound.enum or frozenset())
    }
    assert lacking == set(regions.LACKING_SMALL_CACHES)


@pytest.mark.parametrize(
    ("region", "feature"),
    [
        ("ap-southeast-5", "restore tests of AWS Backup"),
        ("ap-east-2", "a block of public snapshots"),
    ],
)
def test_a_cell_is_where_all_that_it_is_made_of_is(region: str, feature: str) -> None:
    text = refusal(cells=elsewhere(region), **ONLY_BIRTH)
    assert (
        f"castle:cells[1].region: {region} has no {feature}, which {region} needs (AWS's offer of 2026-10-20); "
        "write another region"
    ) in text


def test_a_birth_cell_is_where_the_warehouse_is_fed() -> None:
    cells = [{**CELLS[0], "region": "mx-central-1"}]
    text = refusal(cells=cells, **ONLY_BIRTH)
    assert "castle:cells[0].region: mx-central-1 has no zero-ETL integrations of Aurora" in text


@pytest.mark.parametrize(
    ("field", "region", "feature"),
    [
        ("ledgerMembers", "ap-east-2", "RDS Proxy"),
        ("cacheMembers", "ap-southeast-6", "ElastiCache's global datastores"),
    ],
)
def test_a_member_is_where_its_store_can_be(field: str, region: str, feature: str) -> None:
    members = {**ONLY_BIRTH, field: ["us-east-1", region]}
    text = refusal(cells=elsewhere(region), **members)
    assert (
        f"castle:{field}[1]: {region} is in {region}, which has no {feature} (AWS's offer of 2026-10-20); delete it"
    ) in text


def test_code_is_signed_where_lambda_knows_signatures() -> None:
    profile = "arn:aws:signer:mx-central-1:123456789012:/signing-profiles/castle/a1b2c3d4e5"
    text = refusal(
        "eu-west-1",
        cells=[CELLS[0], {**CELLS[1], "region": "mx-central-1"}],
        sizes={**sizes(orders={"signingProfiles": [profile]}), "ledger": None},
        **ONLY_BIRTH,
    )
    assert "castle:sizes.orders.signingProfiles: mx-central-1 has no code signing of Lambda" in text


def test_a_cache_has_a_node_type_of_its_region() -> None:
    small = {**sizes(localCache={"nodeType": "cache.t4g.small"}), "ledger": None}
    cells = [CELLS[0], {**CELLS[1], "region": "me-central-1"}]
    text = refusal("eu-west-1", cells=cells, sizes=small, **ONLY_BIRTH)
    assert "castle:sizes.localCache.nodeType: me-central-1 has no cache.t4g.small" in text
    assert cell(sizes=sizes(localCache={"nodeType": "cache.t4g.small"})).sizes.local_cache.shards == 1
