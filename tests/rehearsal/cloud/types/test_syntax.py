"""Notations of texts and numbers, on their own and through check."""

import json

import pytest

from rehearsal.cloud.types import syntax
from rehearsal.values import UNKNOWN, Asset, Reference, Secret, Value, Values
from tests.rehearsal.cloud.cloud_driver import (
    ALLOW,
    BUCKET,
    KEY,
    NORTH,
    ROLE,
    SUBNET,
    TRUST,
    VPC,
    CloudDriver,
)

GOOD: dict[str, list[Value]] = {
    "arn": [
        "arn:aws:s3:::castle",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:kms:us-east-1:123456789012:key/mrk-1",
        "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        "arn:aws-us-gov:sns:us-gov-west-1:123456789012:t",
    ],
    "cidr": ["10.0.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/56"],
    "port": [0, 443, 65535, -1, "443", "traffic-port", "https"],
    "id subnet": [
        "subnet-0123456789abcdef0",
        "subnet-01234567",
        "arn:aws:ec2:us-east-1:123456789012:subnet/x",
    ],
    "id igw local* vgw-*": ["igw-0123456789abcdef0", "local", "vgw-1"],
    "key": [
        "alias/castle",
        "mrk-" + "0" * 32,
        "01234567-89ab-cdef-0123-456789abcdef",
        "arn:aws:kms:us-east-1:123456789012:alias/a",
    ],
    "json": ["{}", "[1]", '{"a": 1}'],
    "policy": [TRUST, ALLOW],
    "duration": ["30s", "1h30m", "0.5h", "15m"],
    "schedule": ["rate(5 minutes)", "cron(0 5 * * ? *)", "cron(0 5 ? * MON-FRI 2027)", "cron(0 0 5 * * ? *)"],
    "weekly window": ["sun:05:00-sun:06:00"],
    "daily window": ["07:00-08:00"],
    "7..30": [7, 30, "8"],
    "log retention": [0, 365],
    "10 30 or multiple of 60": [10, 30, 60, 300, 3600],
    "multiple of 8": [8, "32"],
    "cidr /16../28": ["10.0.0.0/16", "192.0.2.0/28"],
    "private cidr /12../24": ["10.0.0.0/12", "172.20.0.0/16", "192.168.8.0/24"],
    "log group": ["/aws/lambda/castle", "castle"],
    "path part": ["orders", "{proxy+}", "{orderId}", "events:batch", "v1.0"],
    "backup retention": [-1, 1, 400, 36500],
    "tag value": ["", "a team's".replace("'", ""), "é: a@b+c=/._-"],
}
BAD: dict[str, list[Value]] = {
    "arn": ["castle", "arn:aws:s3", "arn:aws:iam::12345:role/x", "arn:aws:kms:us-east:123456789012:key/x"],
    "cidr": ["10.0.0.0", "10.0.0.1/16", "10.0.0.0/33", "10.0.0/16", "any"],
    "port": [65536, -2, "70000", "Traffic Port", ""],
    "id subnet": ["subnet-1", "vpc-0123456789abcdef0", "subnet-0123456789ABCDEF0"],
    "id igw local* vgw-*": ["igw-1", "remote"],
    "key": ["castle", "mrk-1", "arn:aws:iam::123456789012:role/x"],
    "json": ["", "{", "text", "1"],
    "duration": ["30", "30 minutes", "half an hour", ""],
    "schedule": [
        "5 minutes",
        "rate(5)",
        "cron()",
        "cron(0 5 * * *)",
        "cron(0 5 * * * *)",
        "cron(0 5 ? * ? *)",
    ],
    "weekly window": ["sunday:05:00-06:00"],
    "daily window": ["7-8"],
    "7..30": [6, 31, -7, "x"],
    "log retention": [2],
    "10 30 or multiple of 60": [15, 61, 90, 0, -60, "a"],
    "multiple of 8": [0, 12],
    "cidr /16../28": ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/16"],
    "private cidr /12../24": ["10.0.0.0/8", "192.168.8.0/25", "176.22.0.0/16", "2001:db8::/24"],
    "log group": ["aws/lambda", "AWS/lambda"],
    "path part": ["a/b", "\\leads", "{proxy+", "a b"],
    "backup retention": [0, 36501, -2],
    "tag value": ["backend (one image)", "a, b"],
}


@pytest.mark.parametrize("notation", GOOD)
def test_what_is_well_formed_is_taken(notation: str) -> None:
    assert {
        value: wanted for value in GOOD[notation] if (wanted := syntax.syntax_check(notation)(value))
    } == {}


@pytest.mark.parametrize("notation", BAD)
def test_what_is_malformed_is_said_to_be(notation: str) -> None:
    assert [value for value in BAD[notation] if syntax.syntax_check(notation)(value) is None] == []


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("Allow all", "a policy document in JSON"),
        ({"Statements": []}, "it has no Statements"),
        ({"Version": "2012-10-17"}, "it needs a Statement"),
        ({"Statement": []}, "it needs a Statement"),
        ({"Statement": ["x"]}, "Statement[0] must be a dictionary"),
        ({"Statement": [{"Effect": "Allow", "Actions": "s3:*"}]}, "Statement[0] knows no Actions"),
        ({"Statement": [{"Effect": "allow", "Action": "s3:*"}]}, "Statement[0].Effect must be Allow or Deny"),
        ({"Statement": {"Effect": "Deny"}}, "Statement[0] needs either Action or NotAction"),
    ],
)
def test_malformed_policy_is_refused_with_the_place(document: Value, why: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    assert why in str(syntax.syntax_check("policy")(text))


@pytest.mark.parametrize(
    ("notation", "more", "why"),
    [
        ("identity policy", {"Principal": "*"}, "names a principal"),
        ("identity policy", {"Resource": None}, "needs either Resource or NotResource"),
        ("resource policy", {}, "needs either Principal or NotPrincipal"),
        ("resource policy", {"Principal": {"AWS": ["123456789012", "castle"]}}, 'has the principal "castle"'),
        ("resource policy", {"NotPrincipal": {"AWS": "arn:aws:iam::1:root"}}, "is no account"),
        ("resource policy", {"Principal": "*", "Effect": "allow"}, "must be Allow or Deny"),
        ("identity policy", {"Effect": "allow"}, "must be Allow or Deny"),
    ],
)
def test_policy_of_an_identity_names_nobody_and_one_of_a_resource_somebody(
    notation: str, more: Values, why: str
) -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **more}
    given = {name: value for name, value in statement.items() if value is not None}
    assert why in str(syntax.syntax_check(notation)({"Statement": [given]}))


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": "arn:aws:iam::123456789012:root"},
        {"AWS": ["123456789012", "arn:aws:iam::123456789012:role/castle-deployer"]},
        {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E127EXAMPLE51Z"},
        {"Service": "cloudwatch.amazonaws.com"},
    ],
)
def test_policy_of_a_resource_takes_whoever_can_be_named(principal: Value) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*"}
    assert syntax.syntax_check("resource policy")({"Statement": statement}) is None


@pytest.mark.parametrize(
    ("type_", "inputs", "path", "wanted"),
    [
        (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock", "a CIDR, which here is 10.0.0.0/16"),
        (SUBNET, {"vpcId": "vpc-1"}, "vpcId", "an id such as vpc-0123456789abcdef0"),
        (KEY, {"deletionWindowInDays": 3}, "deletionWindowInDays", "a whole number from 7 to 30"),
        (ROLE, {"assumeRolePolicy": "{"}, "assumeRolePolicy", "a policy document in JSON"),
        (ROLE, {"assumeRolePolicy": TRUST, "managedPolicyArns": ["x"]}, "managedPolicyArns[0]", "an ARN"),
        (
            "aws:ec2/securityGroup:SecurityGroup",
            {"ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 70000}]},
            "ingress[0].toPort",
            "a port from 0 to 65535",
        ),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"subnets": ["subnet-0123456789abcdef0", "subnet-2"]},
            "subnets[1]",
            "an id such as subnet-",
        ),
        (
            "aws:ec2/routeTable:RouteTable",
            {"vpcId": "vpc-0123456789abcdef0", "routes": [{"gatewayId": "gateway"}]},
            "routes[0].gatewayId",
            "an id such as igw-",
        ),
    ],
)
def test_malformed_input_is_refused_with_its_path(
    driver: CloudDriver, type_: str, inputs: Values, path: str, wanted: str
) -> None:
    (found,) = driver.cloud.check(driver.target(type_, "x"), None, inputs).failures
    assert found.path == path
    assert found.reason.startswith(f"must be {wanted}")


def test_malformed_duration_of_a_provider_is_refused(driver: CloudDriver) -> None:
    role = "arn:aws:iam::123456789012:role/castle-deployer"
    for duration, failures in {"1h": 0, "an hour": 1}.items():
        assume = json.dumps([{"roleArn": role, "duration": duration}])
        found = driver.cloud.check_config("aws", {**NORTH, "assumeRoles": assume}).failures
        assert [f.path for f in found] == ["assumeRoles[0].duration"] * failures


def test_what_is_unknown_a_reference_or_empty_has_no_form_yet(driver: CloudDriver) -> None:
    for value in (UNKNOWN, Reference("urn:x", "id"), ""):
        assert not driver.cloud.check(driver.target(VPC, "x"), None, {"cidrBlock": value}).failures


def test_secret_text_is_judged_by_what_it_says(driver: CloudDriver) -> None:
    (found,) = driver.cloud.check(driver.target(VPC, "x"), None, {"cidrBlock": Secret("x")}).failures
    assert found.path == "cidrBlock"


def test_text_of_an_output_is_found_in_keys_and_assets(driver: CloudDriver) -> None:
    text = "Calling __str__ on an Output[T] is not supported."
    tags: Values = {"tags": {text: "x"}}
    assert [f.path for f in driver.cloud.check(driver.target(BUCKET, "x"), None, tags).failures] == ["tags"]
    item: Values = {"bucket": "b", "key": "k", "source": Asset("asset", (("text", text),))}
    target = driver.target("aws:s3/bucketObjectv2:BucketObjectv2", "x")
    assert [f.path for f in driver.cloud.check(target, None, item).failures] == ["source"]


def test_cloud_that_is_not_strict_takes_anything(driver: CloudDriver, schemas) -> None:
    lax = CloudDriver(schemas, strict=False)
    made = lax.make(SUBNET, "x", {"vpcId": "nowhere", "cidrBlock": "x", "strange": 1})
    assert made.id.startswith("subnet-")
