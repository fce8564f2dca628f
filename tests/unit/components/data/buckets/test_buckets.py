from __future__ import annotations

import json

import pytest

from components.data.buckets.audit import AuditBucket, AuditBucketArgs
from components.data.buckets.data_bucket import DataBucketArgs
from components.data.buckets.drains import DrainsBucket, read_drains
from components.data.buckets.logs import LogBucket, LogBucketArgs
from components.data.buckets.private_bucket import ObjectLock
from components.data.buckets.reports import ReportsBucket, ReportsBucketArgs
from components.data.buckets.web import WebBucket, WebBucketArgs
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


def buckets(retire: bool = False) -> Run:
    def program() -> None:
        logs = LogBucket(
            "logs",
            LogBucketArgs(
                bucket="castle-eu-west-1-logs-123456789012",
                account="123456789012",
                region="eu-west-1",
                key_arn=None,
                retention_days={"alb": 400, "flow": 90},
                retire=retire,
            ),
        )
        WebBucket(
            "web",
            WebBucketArgs(
                bucket="castle-eu-west-1-web-123456789012",
                account="123456789012",
                tags={"data-set": "web"},
                key_arn=KEY,
                log_bucket=logs.name,
                retire=retire,
            ),
        )

        DrainsBucket(
            "drains",
            DataBucketArgs(
                bucket="castle-eu-west-1-drains-123456789012",
                tags={"data-set": "drains"},
                key_arn=KEY,
                log_bucket=logs.name,
                retire=retire,
            ),
        )
        ReportsBucket(
            "reports",
            ReportsBucketArgs(
                bucket="castle-eu-west-1-reports-123456789012",
                tags={"data-set": "reports", "backup": "customer-global"},
                key_arn=KEY,
                log_bucket=logs.name,
                retire=retire,
            ),
        )
        AuditBucket(
            "audit",
            AuditBucketArgs(
                bucket="castle-eu-west-1-audit-123456789012",
                tags={"data-set": "audit"},
                key_arn=KEY,
                log_bucket=logs.name,
                lock=ObjectLock(mode="compliance", years=7),
                retire=retire,
            ),
        )

    return run(program)


@pytest.fixture(scope="module")
def made() -> Run:
    return buckets()


@pytest.mark.parametrize("name", ["logs", "web", "reports", "drains", "audit"])
def test_all_public_access_is_blocked(made: Run, name: str) -> None:
    block = made.one(f"{name}-public-access").inputs
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [block[flag] for flag in flags] == [True] * 4


@pytest.mark.parametrize("name", ["logs", "web", "reports", "drains", "audit"])
def test_acls_are_off(made: Run, name: str) -> None:
    assert made.one(f"{name}-ownership").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


@pytest.mark.parametrize("name", ["logs", "web", "reports", "drains", "audit"])
def test_each_says_what_it_holds(made: Run, name: str) -> None:
    assert made.one(f"{name}-bucket").inputs["tags"]["data-set"] == name


@pytest.mark.parametrize("name", ["logs", "web", "reports", "drains", "audit"])
def test_versions_are_kept(made: Run, name: str) -> None:
    assert made.one(f"{name}-versioning").inputs["versioningConfiguration"] == {"status": "Enabled"}


@pytest.mark.parametrize("name", ["web", "reports", "drains", "audit"])
def test_data_is_encrypted_with_the_cells_key_through_a_bucket_key(made: Run, name: str) -> None:
    (rule,) = made.one(f"{name}-encryption").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert rule["bucketKeyEnabled"] is True


def test_the_log_bucket_is_encrypted_with_s3s_own_key(made: Run) -> None:
    (rule,) = made.one("logs-encryption").inputs["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}


def test_logs_expire_by_prefix(made: Run) -> None:
    rules = {each["id"]: each for each in made.one("logs-lifecycle").inputs["rules"]}
    assert rules["flow"]["filter"] == {"prefix": "flow/"}
    assert rules["flow"]["expiration"] == {"days": 90}
    assert rules["alb"]["expiration"] == {"days": 400}


@pytest.mark.parametrize("name", ["web", "reports", "drains", "audit"])
def test_what_is_no_log_never_expires(made: Run, name: str) -> None:
    assert not [rule for rule in made.one(f"{name}-lifecycle").inputs["rules"] if "expiration" in rule]


def test_every_audit_record_is_locked_for_years_from_when_it_is_written(made: Run) -> None:
    assert made.one("audit-bucket").inputs["objectLockEnabled"] is True
    retention = made.one("audit-lock").inputs["rule"]["defaultRetention"]
    assert retention == {"mode": "COMPLIANCE", "years": 7}


def test_no_bucket_that_logs_are_delivered_to_is_locked(made: Run) -> None:
    assert "objectLockEnabled" not in made.one("logs-bucket").inputs
    assert made.names("BucketObjectLockConfiguration") == {"audit-lock"}


def test_an_audit_bucket_stays_with_all_its_settings_when_its_stack_is_destroyed(made: Run) -> None:
    stays = {each.name for each in made.resources if each.retain_on_delete}
    assert stays == {
        f"audit-{part}"
        for part in (
            "bucket",
            "encryption",
            "lifecycle",
            "lock",
            "ownership",
            "policy",
            "public-access",
            "versioning",
        )
    }


def test_reports_are_selected_for_backup(made: Run) -> None:
    tags = made.one("reports-bucket").inputs["tags"]
    assert tags == {"data-set": "reports", "backup": "customer-global"}


@pytest.mark.parametrize("name", ["logs", "web", "reports", "drains", "audit"])
def test_lifecycle_waits_for_versioning(made: Run, name: str) -> None:
    assert made.one(f"{name}-versioning").urn in made.one(f"{name}-lifecycle").depends_on


def test_each_bucket_has_one_policy(made: Run) -> None:
    assert sorted(each.inputs["bucket"] for each in made.of("BucketPolicy")) == [
        "audit-bucket-id",
        "drains-bucket-id",
        "logs-bucket-id",
        "reports-bucket-id",
        "web-bucket-id",
    ]


@pytest.mark.parametrize("name", ["web", "reports", "drains", "audit"])
def test_the_requests_of_each_bucket_are_logged_under_a_prefix_of_its_own(made: Run, name: str) -> None:
    logging = made.one(f"{name}-logging").inputs
    assert logging["targetBucket"] == "logs-bucket-id"
    assert logging["targetPrefix"] == f"s3/{name}/"


def test_logging_waits_until_the_log_bucket_lets_it_write(made: Run) -> None:
    assert made.one("logs-policy").urn in made.one("web-logging").depends_on


def test_no_bucket_is_destroyed_with_its_objects(made: Run) -> None:
    assert [each.inputs["forceDestroy"] for each in made.of("Bucket")] == [False] * 5
    assert all(each.protect for each in made.of("Bucket"))


def test_a_retiring_bucket_is_destroyed_with_its_objects() -> None:
    retired = {each.name: each for each in buckets(retire=True).of("Bucket")}
    assert not any(each.protect for each in retired.values())
    assert not retired.pop("audit-bucket").inputs["forceDestroy"]  # AWS would refuse
    assert all(each.inputs["forceDestroy"] for each in retired.values())


def test_no_bucket_uses_an_inline_part_of_its_own(made: Run) -> None:
    for each in made.of("Bucket"):
        assert set(each.inputs) - {"objectLockEnabled"} == {"bucket", "forceDestroy", "tags"}, json.dumps(
            each.inputs
        )


@pytest.mark.parametrize("name", ["web", "reports", "drains", "audit"])
def test_each_bucket_of_data_is_a_component_of_its_own_type(made: Run, name: str) -> None:
    assert made.one(f"{name}-bucket").chain.split("$")[0] == f"castle:data:{name.capitalize()}Bucket"


def test_who_reads_drains_lists_none() -> None:
    objects, key = read_drains("castle-eu-west-1-drains-123456789012", KEY)
    assert objects["Action"] == ["s3:GetObject"]
    assert objects["Resource"] == "arn:aws:s3:::castle-eu-west-1-drains-123456789012/drained/*"
    assert (key["Action"], key["Resource"]) == (["kms:Decrypt"], KEY)
