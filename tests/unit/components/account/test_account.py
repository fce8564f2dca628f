from __future__ import annotations

import json

import pytest

from components.account.account import Account
from components.account.baseline import Baseline, BaselineArgs
from tests.unit.harness import Run, run


@pytest.fixture(scope="module")
def account() -> Run:
    return run(lambda: Account("account", "123456789012") and None)


@pytest.fixture(scope="module")
def baseline() -> Run:
    args = BaselineArgs(
        account="123456789012",
        region="eu-west-1",
        api_logs_role="castle-api-logs",
        topic_traces_policy="castle-eu-west-1-topics",
    )
    return run(lambda: Baseline("baseline", args) and None)


def test_no_bucket_of_the_account_can_be_made_public(account: Run) -> None:
    block = account.one("account-no-public-buckets").inputs
    assert block.pop("accountId") == "123456789012"
    assert len(block) == 4
    assert set(block.values()) == {True}


def test_passwords_are_long(account: Run) -> None:
    assert account.one("account-passwords").inputs["minimumPasswordLength"] >= 14


def test_topics_of_the_account_may_write_traces(baseline: Run) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html"""
    inputs = baseline.one("baseline-topic-traces").inputs
    (statement,) = json.loads(inputs["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert "xray:PutTraceSegments" in statement["Action"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "StringLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:*"},
    }


def test_a_regions_new_disks_are_encrypted(baseline: Run) -> None:
    assert baseline.one("baseline-disks").inputs == {"enabled": True}


def test_aws_backup_takes_part_in_the_stores_of_the_platform_and_manages_what_it_can(baseline: Run) -> None:
    found = baseline.one("baseline-backups").inputs
    taken = {name for name, on in found["resourceTypeOptInPreference"].items() if on}
    assert taken == {"Aurora", "DynamoDB", "EFS", "S3"}
    assert found["resourceTypeManagementPreference"] == {"DynamoDB": True, "EFS": True}


def test_images_and_snapshots_cant_be_shared_with_everyone(baseline: Run) -> None:
    assert baseline.one("baseline-snapshots").inputs["state"] == "block-all-sharing"
    assert baseline.one("baseline-images").inputs["state"] == "block-new-sharing"


def test_machines_ask_for_a_token_and_containers_dont_reach_them(baseline: Run) -> None:
    metadata = baseline.one("baseline-metadata").inputs
    assert (metadata["httpTokens"], metadata["httpPutResponseHopLimit"]) == ("required", 1)
