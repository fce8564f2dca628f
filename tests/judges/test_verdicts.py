"""Verdicts on inputs, by a small digest of types that no program has."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.judges.digest import Digest, digest
from rehearsal.judges.verdicts import Verdict, verdicts
from rehearsal.values import UNKNOWN, Secret, Values

KIND = "aws:zoo/cage:Cage"
DIGEST = Digest(
    {
        "made": "2026-11-30",
        "sources": {"botocore": {"version": "1"}, "cfn-lint": {"version": "2", "date": "2026-10-20"}},
        "regions": ["us-east-1", "eu-west-1"],
        "bounds": [
            ["botocore", {"pattern": "[a-z]+", "maxLength": 5}],
            ["cfn-lint", {"enum": ["small", 2, True]}],
            ["botocore", {"minimum": 1, "maximum": 3}],
            ["cfn-lint", {"maxItems": 2}],
            ["cfn-lint", {"pattern": "^a"}],
            ["cfn-lint", {"anyOf": [{"pattern": "^x$"}, {"pattern": "^y$"}]}],
            ["cfn-lint", {"enum": ["lion"]}],
            ["cfn-lint", {"enum": ["1048576"]}],
        ],
        "types": {
            KIND: {
                "places": {"botocore": "zoo:CreateCage", "cfn-lint": "AWS::Zoo::Cage"},
                "paths": {
                    "name": [0],
                    "size": [1],
                    "doors.width": [2],
                    "doors[]": [3],
                    "labels.*": [4],
                    "either": [5],
                    "bytes": [7],
                },
                "booleans": ["open"],
                "absent": ["eu-west-1"],
                "cases": [
                    {"path": "animal", "bound": 6, "when": {"climate": "savanna"}, "regions": ["us-east-1"]}
                ],
            }
        },
    }
)


def judged(inputs: Values, region: str = "us-east-1", token: str = KIND) -> list[Verdict]:
    return list(verdicts(token, inputs, region, DIGEST))


@pytest.mark.parametrize(
    ("inputs", "path", "wanted"),
    [
        ({"name": "lion1"}, "name", "match [a-z]+"),
        ({"name": "lions-"}, "name", "have at most 5 characters"),
        ({"size": "huge"}, "size", "be one of 2, small, true"),
        ({"doors": [{"width": 2}, {"width": 4}]}, "doors[1].width", "be 1 to 3"),
        ({"doors": [{"width": "wide"}]}, "doors[0].width", "be a number"),
        ({"doors": [{}, {}, {}]}, "doors", "have at most 2 items"),
        ({"labels": {"kind": "b"}}, "labels.kind", "match ^a"),
        ({"either": "z"}, "either", "match ^x$ or match ^y$"),
        ({"animal": "bear", "climate": "savanna"}, "animal", "be one of lion"),
    ],
)
def test_a_value_beyond_its_bound_is_refused(inputs: Values, path: str, wanted: str) -> None:
    (verdict,) = judged(inputs)
    assert (verdict.path, verdict.wanted) == (path, wanted)
    assert " says " in verdict.reason and "(digest of 2026-11-30)" in verdict.reason


@pytest.mark.parametrize(
    "inputs",
    [
        {"name": "lion"},
        {"name": ""},
        {"name": UNKNOWN},
        {"name": None},
        {"size": 2},
        {"size": 2.0},
        {"bytes": 1048576.0},
        {"size": True},
        {"doors": [{"width": 3}, {"width": "1"}]},
        {"labels": {"kind": "ab", "other": "a"}},
        {"either": "y"},
        {"animal": "bear"},
        {"open": True, "unheard": "of"},
        {"__defaults": ["name"]},
    ],
)
def test_a_value_within_its_bound_passes(inputs: Values) -> None:
    assert judged(inputs) == []


def test_a_secret_is_judged_and_not_shown() -> None:
    (verdict,) = judged({"name": Secret("UNSEEN")})
    assert "UNSEEN" not in verdict.reason


def test_a_region_that_aws_has_not_or_that_has_not_the_type_is_refused() -> None:
    assert [it.path for it in judged({}, "us-esat-1")] == ["region"]
    (verdict,) = judged({}, "eu-west-1")
    assert verdict.reason.startswith('must be one that has the type, not "eu-west-1", says cfn-lint 2')


def test_a_type_of_which_nobody_was_asked_passes() -> None:
    assert judged({"name": "LION"}, token="aws:zoo/pond:Pond") == []


@pytest.mark.parametrize(
    ("token", "inputs", "path"),
    [
        ("aws:kms/alias:Alias", {"name": "castle"}, "name"),
        ("aws:sqs/queue:Queue", {"messageRetentionSeconds": 59}, "messageRetentionSeconds"),
        ("aws:globalaccelerator/endpointGroup:EndpointGroup", {"thresholdCount": 11}, "thresholdCount"),
        ("aws:ec2/securityGroup:SecurityGroup", {"description": "API Gateway's link"}, "description"),
        ("aws:backup/vault:Vault", {"name": "v" * 51}, "name"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {"nodeType": "cache.r99.huge"}, "nodeType"),
    ],
)
def test_the_digest_refuses_what_aws_would(token: str, inputs: dict[str, Any], path: str) -> None:
    assert [verdict.path for verdict in verdicts(token, inputs, "us-east-1", digest())] == [path]


def test_a_type_is_refused_where_a_region_lacks_it() -> None:
    (verdict,) = verdicts("aws:rds/proxy:Proxy", {}, "ap-east-2", digest())
    assert verdict.path == "region"
