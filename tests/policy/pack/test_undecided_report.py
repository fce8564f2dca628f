"""What a preview leaves undecided is listed on stderr, which the CLI shows."""

from __future__ import annotations

import pytest
from controls.pack import undecided_report
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE as UNKNOWN

from tests.policy.process import analyze, in_stack, running

KEY = "aws:kms/key:Key"


def reason(*places: str) -> str:
    return f"undecided: {', '.join(places)} isn't known yet"


def test_each_rule_is_one_line_with_its_properties() -> None:
    said = [
        ("b-rule", reason("`policy` of one")),
        ("a-rule", reason("`tags` of it", "`name` of it")),
        ("b-rule", reason("`policy` of two")),
        ("b-rule", reason("`policy` of one")),
    ]
    assert list(undecided_report.lines(said)) == [
        "undecided: a-rule: `tags` of it, `name` of it",
        "undecided: b-rule: `policy` of one, `policy` of two",
    ]


def test_of_many_properties_a_line_shows_the_first_and_how_many_more() -> None:
    (line,) = undecided_report.lines([("rule", reason(f"`policy` of r{number}")) for number in range(7)])
    assert line.endswith("`policy` of r4, and 2 more")


def test_a_running_pack_lists_once_after_the_stack(capfd: pytest.CaptureFixture[str]) -> None:
    with running({}, preview=True) as pack:
        analyze(pack, KEY, {"policy": UNKNOWN, "enableKeyRotation": True}, protect=True)
        assert "undecided" not in capfd.readouterr().err
        topic = in_stack("aws:sns/topic:Topic", "topic", {"name": "topic"})
        for listed in (True, False):
            pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[topic]))
            line = "undecided: kms-policy-no-public-principal: `policy` of it\n"
            assert (capfd.readouterr().err == line) is listed


def test_in_an_update_the_same_is_a_violation(capfd: pytest.CaptureFixture[str]) -> None:
    with running({}, preview=False) as pack:
        response = analyze(pack, KEY, {"policy": UNKNOWN, "enableKeyRotation": True}, protect=True)
        (violation,) = response.diagnostics
        assert violation.policyName == "kms-policy-no-public-principal"
        assert violation.enforcementLevel == analyzer_pb2.MANDATORY
        assert "`policy` can't be judged, though nothing is unknown now" in violation.message
        assert not any("undecided" in str(json_format.MessageToDict(it)) for it in response.not_applicable)
        pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest())
    assert "undecided" not in capfd.readouterr().err
