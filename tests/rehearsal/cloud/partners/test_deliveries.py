"""Deliveries of services that no program here has: SNS's traces and CloudWatch's logs, with and without a policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rehearsal.cloud.cloud_driver import ACCOUNT, BUCKET, KEY, CloudDriver, Made

TOPIC = "aws:sns/topic:Topic"
TRACES_POLICY = "aws:xray/resourcePolicy:ResourcePolicy"
DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def faults(driver: CloudDriver) -> list[str]:
    return [why for _, why in driver.cloud.without_effect()]


def document(service: str, actions: list[str], resource: str, **equals: str) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT, **equals}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# ---- traces


def traces(driver: CloudDriver, account: str = ACCOUNT, **provider: str) -> None:
    text = document("sns.amazonaws.com", ["xray:PutTraceSegments"], "*").replace(ACCOUNT, account)
    inputs = {"policyName": "topics", "policyDocument": text, **provider}
    driver.make(TRACES_POLICY, "topics", inputs)


def test_a_topic_that_traces_needs_a_policy_of_x_ray(driver: CloudDriver) -> None:
    driver.make(TOPIC, "news", {"tracingConfig": "Active"})
    assert faults(driver) == [
        "it traces, and no resource policy of X-Ray in its region lets SNS write traces for it"
    ]
    traces(driver)
    assert faults(driver) == []


@pytest.mark.parametrize("wrong", [{"region": "eu-west-1"}, {"account": "210987654321"}])
def test_a_policy_for_elsewhere_lets_no_topic_trace(driver: CloudDriver, wrong: dict[str, str]) -> None:
    driver.make(TOPIC, "news", {"tracingConfig": "Active"})
    traces(driver, **wrong)
    assert len(faults(driver)) == 1


def test_a_topic_that_passes_traces_through_needs_none(driver: CloudDriver) -> None:
    driver.make(TOPIC, "news", {"tracingConfig": "PassThrough"})
    assert faults(driver) == []


# ---- logs


@pytest.fixture
def bucket(driver: CloudDriver) -> Made:
    made = driver.make(BUCKET, "logs", {})
    to = {"destinationResourceArn": f"{made.arn}/edge"}
    destination = {"name": "edge", "outputFormat": "json", "deliveryDestinationConfiguration": to}
    driver.make(DESTINATION, "edge", destination)
    return made


def let_in(driver: CloudDriver, bucket: Made, prefix: str = "edge", **equals: str) -> None:
    where = f"{bucket.arn}/{prefix}/AWSLogs/{ACCOUNT}/*"
    text = document("delivery.logs.amazonaws.com", ["s3:PutObject"], where, **equals)
    driver.make(POLICY, "logs", {"bucket": bucket.id, "policy": text})


def test_log_deliveries_need_the_buckets_policy(driver: CloudDriver, bucket: Made) -> None:
    assert faults(driver) == [
        f"the policy of {bucket.id} doesn't let log deliveries write {bucket.arn}/edge/AWSLogs/{ACCOUNT}/x"
    ]
    let_in(driver, bucket, **{"s3:x-amz-acl": "bucket-owner-full-control"})
    assert faults(driver) == []


def test_a_bucket_that_takes_them_elsewhere_doesnt_take_them(driver: CloudDriver, bucket: Made) -> None:
    let_in(driver, bucket, prefix="other")
    assert len(faults(driver)) == 1


def test_log_deliveries_need_the_policy_of_the_buckets_key(driver: CloudDriver, bucket: Made) -> None:
    let_in(driver, bucket)
    account = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"}
    ]
    key = driver.make(KEY, "logs", {"policy": json.dumps({"Version": "2012-10-17", "Statement": statements})})
    by_key = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key.arn}
    rules = [{"applyServerSideEncryptionByDefault": by_key}]
    driver.make(ENCRYPTION, "logs", {"bucket": bucket.id, "rules": rules})
    assert faults(driver) == [
        f"the policy of {key.id}, the key of {bucket.id}, doesn't let log deliveries use it"
    ]
    service = {"Service": "delivery.logs.amazonaws.com"}
    statements.append(
        {"Effect": "Allow", "Principal": service, "Action": "kms:GenerateDataKey*", "Resource": "*"}
    )
    driver.change(key, {"policy": json.dumps({"Version": "2012-10-17", "Statement": statements})})
    assert faults(driver) == []
