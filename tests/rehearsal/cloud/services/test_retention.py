"""Locks, replications and vaults in the pretend cloud: the refusals that a program can run into."""

from __future__ import annotations

import pytest

from rehearsal.cloud.provider_verbs import RefusedError
from tests.rehearsal.cloud.cloud_driver import BUCKET, KEY, SOUTH, CloudDriver, Made, refused

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


def bucket(driver: CloudDriver, name: str, *, versioned: bool = True, locked: bool = False) -> Made:
    made = driver.make(BUCKET, name, {"bucket": name, "objectLockEnabled": locked})
    if versioned:
        driver.make(VERSIONING, name, {"bucket": name, "versioningConfiguration": {"status": "Enabled"}})
    return made


def replicated(driver: CloudDriver, source: str, to: str) -> dict[str, object]:
    role = driver.role(f"of-{source}", "s3")
    rule = {"id": "to", "status": "Enabled", "destination": {"bucket": f"arn:aws:s3:::{to}"}}
    return {"bucket": source, "role": role.arn, "rules": [rule]}


def test_a_bucket_is_replicated_once_both_keep_versions(driver: CloudDriver) -> None:
    bucket(driver, "plain", versioned=False)
    bucket(driver, "old-one")
    bucket(driver, "new-one")
    from_plain = refused(driver, REPLICATION, "a", replicated(driver, "plain", "old-one"))
    assert (from_plain.code, "apply a replication" in from_plain.message) == ("InvalidRequest", True)
    to_plain = refused(driver, REPLICATION, "b", replicated(driver, "old-one", "plain"))
    assert to_plain.message == "the destination plain must have versioning enabled"
    driver.make(REPLICATION, "c", replicated(driver, "new-one", "old-one"))


def test_locked_records_are_replicated_only_to_where_they_are_locked_too(driver: CloudDriver) -> None:
    bucket(driver, "records", locked=True)
    bucket(driver, "others")
    bucket(driver, "copies", locked=True)
    error = refused(driver, REPLICATION, "a", replicated(driver, "records", "others"))
    assert error.message == "records has Object Lock, and its destination others hasn't"
    inputs = {**replicated(driver, "others", "copies"), "bucket": "records"}
    driver.make(REPLICATION, "b", inputs)


def test_a_bucket_is_locked_once_it_keeps_versions(driver: CloudDriver) -> None:
    bucket(driver, "plain", versioned=False)
    assert refused(driver, LOCK, "lock", {"bucket": "plain", **RETENTION}).code == "InvalidBucketState"
    bucket(driver, "records", versioned=False, locked=True)  # which keeps them from the beginning
    driver.make(LOCK, "lock", {"bucket": "records", **RETENTION})


def test_no_logs_are_delivered_to_what_locks_them(driver: CloudDriver) -> None:
    bucket(driver, "records", locked=True)
    driver.make(LOCK, "lock", {"bucket": "records", **RETENTION})
    bucket(driver, "web")
    inputs = {"bucket": "web", "targetBucket": "records", "targetPrefix": "s3/"}
    assert refused(driver, LOGGING, "logging", inputs).code == "InvalidTargetBucketForLogging"


def test_a_key_may_be_deleted_before_the_bucket_that_it_encrypts(driver: CloudDriver) -> None:
    key = driver.make(KEY, "key", {})
    bucket(driver, "records")
    default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key.arn}
    rules = [{"applyServerSideEncryptionByDefault": default}]
    driver.make(ENCRYPTION, "encryption", {"bucket": "records", "rules": rules})
    driver.remove(key)


def test_a_vault_has_a_key_of_its_own_region(driver: CloudDriver) -> None:
    key = driver.make(KEY, "key", {}, SOUTH)
    error = refused(driver, VAULT, "vault", {"name": "vault", "kmsKeyArn": key.arn})
    assert "is in eu-west-1, not in us-east-1" in error.message


def test_a_lock_is_replaced_not_changed(driver: CloudDriver) -> None:
    driver.make(VAULT, "vault", {"name": "vault"})
    lock = driver.make(VAULT_LOCK, "lock", {"backupVaultName": "vault", "minRetentionDays": 7})
    found = driver.diff(lock, {"backupVaultName": "vault", "minRetentionDays": 8})
    assert found.replaces == ("minRetentionDays",)


def test_a_plan_copies_into_a_vault_of_any_region_that_is_there(driver: CloudDriver) -> None:
    driver.make(VAULT, "vault", {"name": "here"})
    there = driver.make(VAULT, "copies", {"name": "there"}, SOUTH)

    def plan(copies: str) -> dict[str, object]:
        copy = {"destinationVaultArn": copies}
        rule = {"ruleName": "daily", "targetVaultName": "here", "copyActions": [copy]}
        return {"rules": [{**rule, "schedule": "cron(20 3 * * ? *)"}]}

    assert "doesn't exist" in refused(driver, PLAN, "plan", plan(f"{there.arn}x")).message
    made = driver.make(PLAN, "plan", plan(there.arn))
    role = driver.role("role", "backup")
    driver.make(SELECTION, "chosen", {"planId": made.id, "iamRoleArn": role.arn, "resources": ["*"]})
    for used in (made, there):
        with pytest.raises(RefusedError) as caught:
            driver.remove(used)
        assert caught.value.code == "InvalidRequestException"
