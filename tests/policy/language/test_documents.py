"""Policy documents, whole and in parts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from controls.language.facts import MISSING, UNKNOWN
from controls.language.iam.documents import Statement, action_matches, parse


def only(**statement: Any) -> Statement:
    statements = parse({"Statement": statement})
    assert isinstance(statements, tuple)
    return statements[0]


@pytest.mark.parametrize(
    "document", ["", "not json", "[]", '{"Version": "2012-10-17"}', '{"Statement": []}', 7, []]
)
def test_what_is_no_policy_document_is_none(document: Any) -> None:
    assert parse(document) is None


@pytest.mark.parametrize("document", [UNKNOWN, MISSING])
def test_an_absent_document_stays_what_it_is(document: Any) -> None:
    assert parse(document) is document


def test_text_and_object_say_the_same() -> None:
    document = {
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ["*"], "Principal": {"AWS": "1"}}]
    }
    assert parse(json.dumps(document)) == parse(document)


def test_one_statement_may_stand_without_a_list() -> None:
    assert only(Effect="Allow", Action="s3:GetObject").actions == ["s3:GetObject"]


def test_known_statements_are_judged_beside_unknown_ones() -> None:
    statements = parse({"Statement": [UNKNOWN, {"Effect": "Allow", "Principal": "*"}]})
    assert isinstance(statements, tuple)
    assert [it.any_principal for it in statements] == [UNKNOWN, True]


@pytest.mark.parametrize(
    ("principal", "anyone"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ["1", "*"]}, True),
        ({"AWS": "1"}, False),
        ({"AWS": [UNKNOWN]}, UNKNOWN),
    ],
)
def test_everyone_is_told_in_each_form(principal: Any, anyone: Any) -> None:
    assert only(Effect="Allow", Principal=principal).any_principal is anyone


@pytest.mark.parametrize(
    ("condition", "tied"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringEquals": {"AWS:SOURCEACCOUNT": ["123456789012"]}}, True),
        ({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}, False),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/*"}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::web"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, False),
        ({"StringEquals": {"aws:SourceArn": UNKNOWN}}, UNKNOWN),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        (UNKNOWN, UNKNOWN),
        ("garbage", False),
    ],
)
def test_only_a_condition_that_strangers_fail_ties_a_statement(condition: Any, tied: Any) -> None:
    assert only(Effect="Allow", Principal="*", Condition=condition).restricts_caller is tied


@pytest.mark.parametrize(
    ("pattern", "action", "covered"),
    [
        ("s3:*", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:[Gg]etObject", "s3:GetObject", False),
        ("*", "s3:GetObject", True),
        ("s3:Put*", "s3:GetObject", False),
    ],
)
def test_action_patterns_cover_as_aws_reads_them(pattern: str, action: str, covered: bool) -> None:
    assert action_matches(pattern, action) is covered


def test_not_action_grants_all_but_what_it_names() -> None:
    statement = only(Effect="Allow", NotAction=["iam:*"], Resource="*")
    assert statement.includes_action("s3:GetObject") is True
    assert statement.includes_action("iam:PassRole") is False
