"""Roles that are given to services: each is tried for what it is for, before anything waits for it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from rehearsal.cloud.access.role_uses import role_uses
from rehearsal.cloud.types.schema import Schemas
from rehearsal.judges.reference import reference
from tests.rehearsal.cloud.cloud_driver import (
    ACCOUNT,
    BUCKET,
    KEY,
    ROLE,
    ROLE_POLICY,
    CloudDriver,
    Made,
    refused,
    trust,
)
from tests.root import SCHEMAS

DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
FUNCTION = "aws:lambda/function:Function"
BOUNDARY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def document(*statements: dict[str, Any]) -> str:
    full = [{"Effect": "Allow", "Resource": "*", **one} for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": full})


# ---- a type that no program here has


@pytest.fixture
def bucket(driver: CloudDriver) -> Made:
    return driver.make(BUCKET, "records", {})


def delivery(bucket: Made, role: Made) -> dict[str, Any]:
    to = {"bucketArn": bucket.arn, "roleArn": role.arn}
    return {"name": "records", "destination": "extended_s3", "extendedS3Configuration": to}


OF_BUCKET = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
OF_OBJECTS = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]


def test_a_delivery_has_a_role_that_may_write(driver: CloudDriver, bucket: Made) -> None:
    narrow = document(
        {"Action": OF_BUCKET, "Resource": bucket.arn},
        {"Action": OF_OBJECTS, "Resource": f"{bucket.arn}/*"},
    )
    role = driver.role("delivers", "firehose", document=narrow)
    assert driver.make(DELIVERY, "records", delivery(bucket, role)).id


def test_a_delivery_whose_role_may_not_write_is_refused(driver: CloudDriver, bucket: Made) -> None:
    elsewhere = {"Action": OF_OBJECTS, "Resource": f"{bucket.arn}/other/*"}
    narrow = document({"Action": OF_BUCKET, "Resource": bucket.arn}, elsewhere)
    role = driver.role("delivers", "firehose", document=narrow)
    error = refused(driver, DELIVERY, "records", delivery(bucket, role))
    assert error.code == "InvalidArgumentException"
    assert error.message.endswith(
        f"firehose.amazonaws.com tries s3:AbortMultipartUpload on {bucket.arn}/x with {role.id}, "
        "and none of its policies allows it"
    )


def test_a_role_that_the_service_cant_take_is_refused(driver: CloudDriver, bucket: Made) -> None:
    role = driver.role("delivers", "lambda")
    error = refused(driver, DELIVERY, "records", delivery(bucket, role))
    assert "doesn't allow sts:AssumeRole to firehose.amazonaws.com" in error.message


@pytest.mark.parametrize(("stream", "taken"), [("records", True), ("others", False)])
def test_the_condition_on_the_source_is_asked(
    driver: CloudDriver, bucket: Made, stream: str, taken: bool
) -> None:
    asked = json.loads(trust("firehose"))
    source = f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/{stream}"
    asked["Statement"][0]["Condition"] = {"ArnLike": {"aws:SourceArn": source}}
    role = driver.make(ROLE, "role", {"assumeRolePolicy": json.dumps(asked)})
    driver.make(ROLE_POLICY, "role", {"role": role.id, "policy": document({"Action": "s3:*"})})
    inputs = delivery(bucket, role)
    if taken:
        assert driver.make(DELIVERY, "records", inputs).id
    else:
        assert "unable to assume role" in refused(driver, DELIVERY, "records", inputs).message


def test_a_boundary_counts(driver: CloudDriver, bucket: Made) -> None:
    most = document({"Action": "s3:*"}, {"Effect": "Deny", "Action": "s3:Put*"})
    boundary = driver.make(BOUNDARY, "most", {"policy": most})
    role = driver.role("delivers", "firehose", permissionsBoundary=boundary.arn)
    error = refused(driver, DELIVERY, "records", delivery(bucket, role))
    assert error.message.endswith("and Statement[1] of its boundary denies it")
    lesser = driver.make(BOUNDARY, "lesser", {"policy": document({"Action": "s3:Get*"})})
    other = driver.role("other", "firehose", permissionsBoundary=lesser.arn)
    error = refused(driver, DELIVERY, "records", delivery(bucket, other))
    assert error.message.endswith("and its boundary doesn't allow it")


def test_a_change_to_another_role_is_tried_too(driver: CloudDriver, bucket: Made) -> None:
    made = driver.make(DELIVERY, "records", delivery(bucket, driver.role("good", "firehose")))
    bad = driver.role("bad", "firehose", document=document({"Action": "sqs:*"}))
    with pytest.raises(Exception, match="none of its policies allows it"):
        driver.change(made, delivery(bucket, bad))


# ---- Lambda's own trial


def function(driver: CloudDriver, role: Made, **inputs: Any) -> dict[str, Any]:
    code = {"s3Bucket": driver.make(BUCKET, f"code-{role.id}", {}).id, "s3Key": "x.zip"}
    return {"role": role.arn, "runtime": "python3.13", "handler": "x.y", "name": "judge", **code, **inputs}


def in_vpc(driver: CloudDriver) -> dict[str, Any]:
    vpc, subnet = driver.network()
    group = driver.make("aws:ec2/securityGroup:SecurityGroup", "group", {"vpcId": vpc.id})
    return {"vpcConfig": {"subnetIds": [subnet.id], "securityGroupIds": [group.id]}}


INTERFACES = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:*PrivateIpAddresses"]
LOOKS = {"Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]}


def test_a_function_in_a_vpc_is_tried_without_a_resource(driver: CloudDriver) -> None:
    scoped = document(LOOKS, {"Action": INTERFACES, "Resource": f"arn:aws:ec2:us-east-1:{ACCOUNT}:*"})
    role = driver.role("judge", "lambda", document=scoped)
    error = refused(driver, FUNCTION, "judge", function(driver, role, **in_vpc(driver)))
    assert error.code == "InvalidParameterValueException"
    assert error.message.startswith(
        "The provided role does not have permissions to call DeleteNetworkInterface: lambda.amazonaws.com tries "
        f"ec2:DeleteNetworkInterface on * with {role.id}, and none of its policies allows it (nor has it "
    )


def test_a_function_in_a_vpc_has_a_role_with_rights_on_everything_or_aws_own_policy(
    driver: CloudDriver,
) -> None:
    network = in_vpc(driver)
    role = driver.role("judge", "lambda", document=document(LOOKS, {"Action": INTERFACES}))
    assert driver.make(FUNCTION, "judge", function(driver, role, **network)).id
    role = driver.make(ROLE, "plain", {"assumeRolePolicy": trust("lambda")})
    policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
    driver.make(ATTACHMENT, "plain", {"role": role.id, "policyArn": policy})
    assert driver.make(FUNCTION, "plain", {**function(driver, role, **network), "name": "plain"}).id


def test_a_function_outside_of_a_vpc_needs_none_of_that(driver: CloudDriver) -> None:
    role = driver.make(ROLE, "plain", {"assumeRolePolicy": trust("lambda")})
    assert driver.make(FUNCTION, "judge", function(driver, role)).id


def test_a_policy_of_the_account_that_is_attached_counts(driver: CloudDriver) -> None:
    role = driver.make(ROLE, "plain", {"assumeRolePolicy": trust("lambda")})
    traced = {"tracingConfig": {"mode": "Active"}}
    assert "xray:PutTraceSegments" in refused(driver, FUNCTION, "f", function(driver, role, **traced)).message
    own = driver.make(BOUNDARY, "traces", {"policy": document({"Action": "xray:Put*"})})
    driver.make(ATTACHMENT, "traces", {"role": role.id, "policyArn": own.arn})
    again = {**function(driver, role, **traced), "s3Bucket": driver.make(BUCKET, "code", {}).id}
    assert driver.make(FUNCTION, "f", again).id


# ---- keys and sign-ins


def test_a_key_that_does_not_know_the_account_is_out_of_reach(driver: CloudDriver) -> None:
    copy = driver.make(BUCKET, "copy", {})
    source = driver.make(BUCKET, "source", {})
    for each in (copy, source):
        on = {"bucket": each.id, "versioningConfiguration": {"status": "Enabled"}}
        driver.make("aws:s3/bucketVersioning:BucketVersioning", each.id, on)
    closed = document({"Action": "kms:*", "Principal": {"Service": "logs.amazonaws.com"}})
    key = driver.make(KEY, "closed", {"policy": closed, "bypassPolicyLockoutSafetyCheck": True})
    role = driver.role("copies", "s3")
    encrypted = {"encryptionConfiguration": {"replicaKmsKeyId": key.arn}}
    rule = {"status": "Enabled", "destination": {"bucket": copy.arn, **encrypted}}
    inputs = {"bucket": source.id, "role": role.arn, "rules": [rule]}
    error = refused(driver, "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "copies", inputs)
    assert error.message.endswith("and the key's policy doesn't allow it")
    opened = driver.make(KEY, "opened", {})  # whose policy is AWS's own, which is for the account
    rule["destination"]["encryptionConfiguration"] = {"replicaKmsKeyId": opened.arn}
    assert driver.make("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "copies", inputs).id


SIGN_IN = {"Action": "elasticache:Connect", "Resource": f"arn:aws:elasticache:*:{ACCOUNT}:user:x"}


@pytest.mark.parametrize(
    ("most", "says"),
    [
        (
            [{"Action": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}],
            "its boundary doesn't allow it",
        ),
        (
            [
                {"Action": "*"},
                {
                    "Sid": "Elsewhere",
                    "Effect": "Deny",
                    "Action": "*",
                    "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
                },
            ],
            "Elsewhere of its boundary denies it",
        ),
    ],
)
def test_a_sign_in_that_a_boundary_asks_for_a_region_is_refused(
    driver: CloudDriver, most: Sequence[dict[str, Any]], says: str
) -> None:
    boundary = driver.make(BOUNDARY, "most", {"policy": document(*most)})
    inputs = {"assumeRolePolicy": trust("lambda"), "permissionsBoundary": boundary.arn}
    role = driver.make(ROLE, "role", inputs)
    error = refused(driver, ROLE_POLICY, "signs-in", {"role": role.id, "policy": document(SIGN_IN)})
    assert error.code == "AccessDenied"
    assert says in error.message


def test_a_sign_in_within_the_boundary_passes(driver: CloudDriver) -> None:
    boundary = driver.make(BOUNDARY, "most", {"policy": document({"Action": "elasticache:Connect"})})
    inputs = {"assumeRolePolicy": trust("lambda"), "permissionsBoundary": boundary.arn}
    role = driver.make(ROLE, "role", inputs)
    assert driver.make(ROLE_POLICY, "signs-in", {"role": role.id, "policy": document(SIGN_IN)}).id


# ---- the table


def test_every_line_of_the_table_is_about_an_input_and_an_action_that_exist() -> None:
    schemas = Schemas(SCHEMAS)
    for token, uses in role_uses().items():
        schema = schemas.of(token)
        assert schema is not None
        for use in uses:
            inputs = [use.role, *(it.given for it in use.tried), *(it.each for it in use.tried)]
            names = {re.split(r"[.\-]", path)[0] for path in inputs if path}
            assert names <= schema.inputs.properties.keys(), f"{token}: {names}"
            for action in (*use.takes, *(it for trial in use.tried for it in trial.actions)):
                assert list(reference().actions(action)), f"{token}: {action}"
