from __future__ import annotations

import json

import pytest

from components.data.ledger.secret import LedgerSecret, LedgerSecretArgs
from components.data.secrets.replicated_secret import SecretRegions, secret_policy
from tests.unit.documents import statements
from tests.unit.harness import SECRET, Run, run

HOME = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
AWAY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
ROTATION = "arn:aws:iam::123456789012:role/castle-*-ledger-rotation"


def secret(*, replicas: dict[str, str], retire: bool = False) -> Run:
    args = LedgerSecretArgs(
        regions=SecretRegions(
            account="123456789012", tags={"data-set": "secrets"}, key_arn=HOME, replicas=replicas
        ),
        readers=[ROTATION],
        host="castle-ledger.global.rds.amazonaws.com",
        port=5432,
        database="trading",
        username="platform_admin",
        retire=retire,
    )
    return run(lambda: LedgerSecret("secret", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return secret(replicas={"eu-west-1": AWAY})


def test_each_copy_is_encrypted_by_the_key_of_its_own_region(made: Run) -> None:
    inputs = made.one("secret-secret").inputs
    assert inputs["kmsKeyId"] == HOME
    assert inputs["replicas"] == [{"region": "eu-west-1", "kmsKeyId": AWAY}]


def test_a_copy_that_was_promoted_is_never_overwritten(made: Run) -> None:
    assert made.one("secret-secret").inputs["forceOverwriteReplicaSecret"] is False


def test_a_secret_without_copies_says_that_it_is_one_regions(made: Run) -> None:
    assert secret(replicas={}).one("secret-secret").inputs["tags"]["scope"] == "regional"
    assert made.one("secret-secret").inputs["tags"] == {"data-set": "secrets"}


def test_a_deletion_can_be_taken_back_for_thirty_days_and_is_refused_while_in_use(made: Run) -> None:
    kept = made.one("secret-secret")
    assert kept.protect
    assert kept.inputs["recoveryWindowInDays"] == 30
    assert not secret(replicas={}, retire=True).one("secret-secret").protect


def test_the_first_version_is_a_secret_that_is_never_written_again(made: Run) -> None:
    first = made.one("secret-first")
    assert SECRET in first.inputs["secretString"]
    assert set(first.ignore_changes) == {"secretString", "versionStages"}


def test_the_first_version_keeps_a_stage_of_its_own_so_that_it_is_never_made_current_again(made: Run) -> None:
    assert made.one("secret-first").inputs["versionStages"] == ["first"]


def test_the_policy_is_there_before_there_is_a_value(made: Run) -> None:
    assert made.one("secret-policy").urn in made.one("secret-first").depends_on
    assert made.one("secret-policy").inputs["blockPublicPolicy"] is True


def test_nobody_reads_it_but_its_readers(made: Run) -> None:
    policy = json.loads(made.one("secret-policy").inputs["policy"])
    assert policy == secret_policy("123456789012", [ROTATION])
    deny = statements(policy)["ReadByNobodyElse"]
    assert deny["Effect"] == "Deny"
    assert "secretsmanager:GetSecretValue" in deny["Action"]
    spared = deny["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    assert spared == [ROTATION, "arn:aws:iam::123456789012:root"]


def test_secrets_manager_itself_may_copy_it() -> None:
    deny = statements(secret_policy("123456789012", []))["ReadByNobodyElse"]
    assert deny["Condition"]["Bool"] == {"aws:PrincipalIsAWSService": "false"}
