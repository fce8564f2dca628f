"""Policies of buckets to which logs are delivered: AWS appends what isn't there by its name, as a refresh finds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rehearsal.cloud.cloud_driver import ACCOUNT, ALLOW, BUCKET, VPC, CloudDriver, Made

POLICY = "aws:s3/bucketPolicy:BucketPolicy"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
APPENDED = ["AWSLogDeliveryAclCheck", "AWSLogDeliveryWrite"]


@pytest.fixture
def bucket(driver: CloudDriver) -> Made:
    return driver.make(BUCKET, "logs", {})


def policy(driver: CloudDriver, bucket: Made, *names: str) -> Made:
    """A policy with statements of these names."""
    one = json.loads(ALLOW)["Statement"][0] | {"Principal": {"AWS": ACCOUNT}, "Resource": f"{bucket.arn}/*"}
    statements = [{**one, "Sid": name} for name in names]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return driver.make(POLICY, "logs", {"bucket": bucket.id, "policy": document})


def flow_log(driver: CloudDriver, bucket: Made) -> None:
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    to = {"logDestination": f"{bucket.arn}/flow", "logDestinationType": "s3"}
    driver.make(FLOW_LOG, "flow", {"vpcId": vpc.id, "trafficType": "ALL", **to})


def read_statements(driver: CloudDriver, made: Made) -> list[dict[str, Any]]:
    found = driver.read(made)
    assert found is not None
    return json.loads(found.inputs["policy"])["Statement"]


def read_names(driver: CloudDriver, made: Made) -> list[str]:
    return [one["Sid"] for one in read_statements(driver, made)]


def test_what_isnt_there_is_appended_and_read_back(driver: CloudDriver, bucket: Made) -> None:
    made = policy(driver, bucket, "Ours")
    assert read_names(driver, made) == ["Ours"]
    flow_log(driver, bucket)
    assert read_names(driver, made) == ["Ours", *APPENDED]
    assert read_statements(driver, made)[-1]["Resource"] == f"{bucket.arn}/flow/AWSLogs/{ACCOUNT}/*"


def test_what_is_spelled_as_aws_does_stays_alone(driver: CloudDriver, bucket: Made) -> None:
    made = policy(driver, bucket, "Ours", *APPENDED)
    flow_log(driver, bucket)
    assert read_names(driver, made) == ["Ours", *APPENDED]


def test_other_deliveries_append_as_well(driver: CloudDriver, bucket: Made) -> None:
    made = policy(driver, bucket, "Ours", APPENDED[0])
    to = {"destinationResourceArn": bucket.arn}
    driver.make(DESTINATION, "edge", {"name": "edge", "deliveryDestinationConfiguration": to})
    assert read_names(driver, made) == ["Ours", *APPENDED]


def test_a_bucket_without_a_policy_of_ours_is_left_to_aws(driver: CloudDriver, bucket: Made) -> None:
    flow_log(driver, bucket)
    assert not [it for it in driver.resources.values() if it.type == POLICY]
