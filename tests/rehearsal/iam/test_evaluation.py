"""Evaluation of requests: documents of AWS's language, and what each makes of a request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.iam.documents import Principal, statements
from rehearsal.iam.evaluation import Decision, Request, decide

READ = Request("s3:GetObject", "arn:aws:s3:::b/a", {"aws:requestedregion": ("eu-west-1",)})


def decision(request: Request, *written: dict[str, Any]) -> Decision:
    full = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", **one} for one in written]
    cleaned = [{name: it for name, it in one.items() if it is not None} for one in full]
    return decide(request, statements(json.dumps({"Version": "2012-10-17", "Statement": cleaned})))[0]


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Action": ["sqs:*", "s3:getobject"]},
        {"Action": None, "NotAction": "s3:Put*"},
        {"Resource": None, "NotResource": "arn:aws:s3:::c/*"},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}},
        {"Condition": {"StringLike": {"aws:RequestedRegion": "eu-*"}}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "x"}}},  # the key is absent
        {"Condition": {"StringEqualsIfExists": {"aws:PrincipalTag/team": "x"}}},
        {"Condition": {"Null": {"aws:PrincipalTag/team": "true"}}},
        {"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["x"]}}},
        {"Condition": {"ArnLike": {"aws:RequestedRegion": "eu-west-1"}}},
    ],
)
def test_a_statement_allows(statement: dict[str, Any]) -> None:
    assert decision(READ, statement) is Decision.ALLOWED


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "s3:Put*"},
        {"Action": None, "NotAction": "s3:Get*"},
        {"Resource": "arn:aws:s3:::b"},
        {"Resource": None, "NotResource": "arn:aws:s3:::b/*"},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-*"}}},  # a star that is a star
        {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}},
        {"Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": ["x"]}}},
        {"Condition": {"Null": {"aws:RequestedRegion": "true"}}},
        {
            "Condition": {
                "StringLike": {"aws:RequestedRegion": "eu-*"},
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
            }
        },
    ],
)
def test_a_statement_does_not_allow(statement: dict[str, Any]) -> None:
    assert decision(READ, statement) is Decision.NOT_ALLOWED


def test_a_denial_wins_wherever_it_stands() -> None:
    denial = {"Effect": "Deny", "Action": "s3:GetObject"}
    assert decision(READ, {}, denial) is decision(READ, denial, {}) is Decision.DENIED


def test_a_denial_by_an_absent_key_that_is_negated_holds() -> None:
    denial = {"Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}
    assert decision(READ, {}, denial) is Decision.DENIED


def test_a_request_without_a_resource_is_allowed_by_a_star_alone() -> None:
    tried = Request("ec2:DeleteNetworkInterface")
    assert decision(tried, {"Action": "ec2:*"}) is Decision.ALLOWED
    narrow = {"Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:*/*"}
    assert decision(tried, narrow) is Decision.NOT_ALLOWED


ROLE = "arn:aws:iam::123456789012:role/r"
ROOT = "arn:aws:iam::123456789012:root"


@pytest.mark.parametrize(
    ("principal", "asking", "allowed"),
    [
        ({"AWS": "123456789012"}, Principal("AWS", ROOT), True),
        ({"AWS": ROOT}, Principal("AWS", ROLE), False),
        ({"AWS": [ROLE]}, Principal("AWS", ROLE), True),
        ({"AWS": "*"}, Principal("AWS", ROLE), True),
        ("*", Principal("Service", "s3.amazonaws.com"), True),
        ({"AWS": "*"}, Principal("Service", "s3.amazonaws.com"), False),
        ({"Service": "s3.amazonaws.com"}, Principal("Service", "s3.amazonaws.com"), True),
        ({"Service": "sns.amazonaws.com"}, Principal("Service", "s3.amazonaws.com"), False),
    ],
)
def test_a_document_that_names_principals_is_about_them(
    principal: Any, asking: Principal, allowed: bool
) -> None:
    request = Request("s3:GetObject", principals=frozenset({asking}))
    found = decision(request, {"Principal": principal})
    assert found is (Decision.ALLOWED if allowed else Decision.NOT_ALLOWED)
    rest = decision(request, {"Principal": None, "NotPrincipal": principal})
    assert rest is (Decision.NOT_ALLOWED if allowed else Decision.ALLOWED)


@pytest.mark.parametrize("text", ["", "plain", '{"Statement"', '"Statement"', '{"Statement": ["x"]}'])
def test_what_is_no_document_has_no_statements(text: str) -> None:
    assert statements(text) == ()


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "fits"),
    [
        ("NumericLessThan", "10", "9", True),
        ("NumericGreaterThanEquals", "10", "9", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
        ("Bool", True, "true", True),
        ("StringEqualsIgnoreCase", "EU", "eu", True),
        ("ArnNotLike", "arn:aws:iam::*:role/x*", "arn:aws:iam::1:role/xy", False),
        ("ArnLike", "arn:aws:*:role/x", "arn:aws:iam::1:role/x", False),
    ],
)
def test_operators(operator: str, wanted: Any, value: str, fits: bool) -> None:
    request = Request("s3:GetObject", keys={"aws:some": (value,)})
    found = decision(request, {"Condition": {operator: {"aws:Some": wanted}}})
    assert (found is Decision.ALLOWED) is fits
