"""What AWS says of locks, replications and vaults: the cases that a program can run into."""

from __future__ import annotations

import pytest

from rehearsal.cloud.provider_verbs import RefusedError
from tests.rehearsal.cloud.cloud_driver import BUCKET, KEY, ROLE, SOUTH, TRUST, Hands, Made, refused

VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
VAULT = "aws:backup/vault:Vault"
VAULT_LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
RETENTION = {"rule": {"defaultRetention": {"mode": "COMPLIANCE", "years": 7}}}


def bucket(hands: Hands, name: str, *, versioned: bool = True, locked: bool = False) -> Made:
    made = hands.make(BUCKET, name, {"bucket": name, "objectLockEnabled": locked})
    if versioned:
        hands.make(VERSIONING, name, {"bucket": name, "versioningConfiguration": {"status": "Enabled"}})
    return made


def replicated(hands: Hands, source: str, to: str) -> dict[str, object]:
    role = hands.make(ROLE, f"of-{source}", {"name": f"of-{source}", "assumeRolePolicy": TRUST})
    rule = {"id": "to", "status": "Enabled", "destination": {"bucket": f"arn:aws:s3:::{to}"}}
    return {"bucket": source, "role": role.arn, "rules": [rule]}


def test_a_bucket_is_replicated_once_both_keep_versions(hands: Hands) -> None:
    bucket(hands, "plain", versioned=False)
    bucket(hands, "old-one")
    bucket(hands, "new-one")
    from_plain = refused(hands, REPLICATION, "a", replicated(hands, "plain", "old-one"))
    assert (from_plain.code, "apply a replication" in from_plain.message) == ("InvalidRequest", True)
    to_plain = refused(hands, REPLICATION, "b", replicated(hands, "old-one", "plain"))
    assert to_plain.message == "the destination plain must have versioning enabled"
    hands.make(REPLICATION, "c", replicated(hands, "new-one", "old-one"))


def test_locked_records_are_replicated_only_to_where_they_are_locked_too(hands: Hands) -> None:
    bucket(hands, "records", locked=True)
    bucket(hands, "others")
    bucket(hands, "copies", locked=True)
    error = refused(hands, REPLICATION, "a", replicated(hands, "records", "others"))
    assert error.message == "records has Object Lock, and its destination others hasn't"
    inputs = {**replicated(hands, "others", "copies"), "bucket": "records"}
    hands.make(REPLICATION, "b", inputs)


def test_a_bucket_is_locked_once_it_keeps_versions(hands: Hands) -> None:
    bucket(hands, "plain", versioned=False)
    assert refused(hands, LOCK, "lock", {"bucket": "plain", **RETENTION}).code == "InvalidBucketState"
    bucket(hands, "records", versioned=False, locked=True)  # which keeps them from the beginning
    hands.make(LOCK, "lock", {"bucket": "records", **RETENTION})


def test_no_logs_are_delivered_to_what_locks_them(hands: Hands) -> None:
    bucket(hands, "records", locked=True)
    hands.make(LOCK, "lock", {"bucket": "records", **RETENTION})
    bucket(hands, "web")
    inputs = {"bucket": "web", "targetBucket": "records", "targetPrefix": "s3/"}
    assert refused(hands, LOGGING, "logging", inputs).code == "InvalidTargetBucketForLogging"


def test_a_key_may_be_deleted_before_the_bucket_that_it_encrypts(hands: Hands) -> None:
    key = hands.make(KEY, "key", {})
    bucket(hands, "records")
    default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key.arn}
    rules = [{"applyServerSideEncryptionByDefault": default}]
    hands.make(ENCRYPTION, "encryption", {"bucket": "records", "rules": rules})
    hands.remove(key)


def test_a_vault_has_a_key_of_its_own_region(hands: Hands) -> None:
    key = hands.make(KEY, "key", {}, SOUTH)
    error = refused(hands, VAULT, "vault", {"name": "vault", "kmsKeyArn": key.arn})
    assert "is in eu-west-1, not in us-east-1" in error.message


def test_a_lock_is_replaced_not_changed(hands: Hands) -> None:
    hands.make(VAULT, "vault", {"name": "vault"})
    lock = hands.make(VAULT_LOCK, "lock", {"backupVaultName": "vault", "minRetentionDays": 7})
    found = hands.diff(lock, {"backupVaultName": "vault", "minRetentionDays": 8})
    assert found.replaces == ("minRetentionDays",)


def test_a_plan_copies_into_a_vault_of_any_region_that_is_there(hands: Hands) -> None:
    hands.make(VAULT, "vault", {"name": "here"})
    there = hands.make(VAULT, "copies", {"name": "there"}, SOUTH)

    def plan(copies: str) -> dict[str, object]:
        copy = {"destinationVaultArn": copies}
        rule = {"ruleName": "daily", "targetVaultName": "here", "copyActions": [copy]}
        return {"rules": [{**rule, "schedule": "cron(20 3 * * ? *)"}]}

    assert "doesn't exist" in refused(hands, PLAN, "plan", plan(f"{there.arn}x")).message
    made = hands.make(PLAN, "plan", plan(there.arn))
    role = hands.make(ROLE, "role", {"name": "role", "assumeRolePolicy": TRUST})
    hands.make(SELECTION, "chosen", {"planId": made.id, "iamRoleArn": role.arn, "resources": ["*"]})
    for used in (made, there):
        with pytest.raises(RefusedError) as caught:
            hands.remove(used)
        assert caught.value.code == "InvalidRequestException"
