from __future__ import annotations

import json

import pytest

from components.data.log_bucket import LogBucket, LogBucketArgs
from components.data.web_bucket import WebBucket, WebBucketArgs
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
                keep_days={"alb": 400, "flow": 90},
                retire=retire,
            ),
        )
        WebBucket(
            "web",
            WebBucketArgs(
                bucket="castle-eu-west-1-web-123456789012",
                account="123456789012",
                data_class="public",
                key_arn=KEY,
                log_bucket=logs.name,
                retire=retire,
            ),
        )

    return run(program)


@pytest.fixture(scope="module")
def made() -> Run:
    return buckets()


@pytest.mark.parametrize("name", ["logs", "web"])
def test_all_public_access_is_blocked(made: Run, name: str) -> None:
    block = made.one(f"{name}-public-access").inputs
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [block[flag] for flag in flags] == [True] * 4


@pytest.mark.parametrize("name", ["logs", "web"])
def test_acls_are_off(made: Run, name: str) -> None:
    assert made.one(f"{name}-ownership").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


@pytest.mark.parametrize("name", ["logs", "web"])
def test_each_says_what_it_holds(made: Run, name: str) -> None:
    assert made.one(f"{name}-bucket").inputs["tags"]["data-set"] == name


@pytest.mark.parametrize("name", ["logs", "web"])
def test_versions_are_kept(made: Run, name: str) -> None:
    assert made.one(f"{name}-versioning").inputs["versioningConfiguration"] == {"status": "Enabled"}


def test_the_web_bucket_is_encrypted_with_the_cells_key_through_a_bucket_key(made: Run) -> None:
    (rule,) = made.one("web-encryption").inputs["rules"]
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


def test_web_assets_never_expire(made: Run) -> None:
    assert not [rule for rule in made.one("web-lifecycle").inputs["rules"] if "expiration" in rule]


@pytest.mark.parametrize("name", ["logs", "web"])
def test_lifecycle_waits_for_versioning(made: Run, name: str) -> None:
    assert made.one(f"{name}-versioning").urn in made.one(f"{name}-lifecycle").depends_on


def test_each_bucket_has_one_policy(made: Run) -> None:
    assert sorted(each.inputs["bucket"] for each in made.of("BucketPolicy")) == [
        "logs-bucket-id",
        "web-bucket-id",
    ]


def test_the_web_buckets_requests_are_logged(made: Run) -> None:
    logging = made.one("web-logging").inputs
    assert logging["targetBucket"] == "logs-bucket-id"
    assert logging["targetPrefix"].startswith("s3/")


def test_logging_waits_until_the_log_bucket_lets_it_write(made: Run) -> None:
    assert made.one("logs-policy").urn in made.one("web-logging").depends_on


def test_no_bucket_is_destroyed_with_its_objects(made: Run) -> None:
    assert [each.inputs["forceDestroy"] for each in made.of("Bucket")] == [False, False]


def test_a_retiring_bucket_is_destroyed_with_its_objects() -> None:
    retired = buckets(retire=True).of("Bucket")
    assert [(each.inputs["forceDestroy"], each.protect) for each in retired] == [(True, False)] * 2


def test_no_bucket_uses_an_inline_part_of_its_own(made: Run) -> None:
    for each in made.of("Bucket"):
        assert set(each.inputs) == {"bucket", "forceDestroy", "tags"}, json.dumps(each.inputs)
