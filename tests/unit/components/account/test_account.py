from __future__ import annotations

import pytest

from components.account.account import Account
from components.account.baseline import Baseline
from tests.unit.harness import Run, run


@pytest.fixture(scope="module")
def account() -> Run:
    return run(lambda: Account("account", "123456789012") and None)


@pytest.fixture(scope="module")
def baseline() -> Run:
    return run(lambda: Baseline("baseline", "castle-api-logs") and None)


def test_no_bucket_of_the_account_can_be_made_public(account: Run) -> None:
    block = account.one("account-no-public-buckets").inputs
    assert block.pop("accountId") == "123456789012"
    assert len(block) == 4
    assert set(block.values()) == {True}


def test_passwords_are_long(account: Run) -> None:
    assert account.one("account-passwords").inputs["minimumPasswordLength"] >= 14


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
