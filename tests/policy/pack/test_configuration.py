"""A configuration that names what doesn't exist is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from controls.pack import configuration
from controls.pack.configuration import complaints

from tests.root import PACK

CASTLE = PACK / "castle.json"


def test_the_programs_own_file_is_right() -> None:
    assert list(complaints(json.loads(CASTLE.read_text()))) == []


@pytest.mark.parametrize(
    "right",
    [
        {},
        {"all": "advisory"},
        {"exceptions": {"anything": 1}},
        {"kms-deletion-window": "disabled"},
        {"kms-deletion-window": {"enforcementLevel": "advisory", "minDays": 7.0}},
        {"eks-deletion-protection": {"retireKey": "castle:retire"}},
        {"region-allowlist": {"regions": []}},
        {"all": "remediate"},
        {"kms-key-rotation": "remediate"},
        {"ebs-volume-encrypted": {"enforcementLevel": "remediate", "replacing": True}},
    ],
)
def test_what_is_right_is_taken(right: dict[str, Any]) -> None:
    assert list(complaints(right)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"kms-deletion-windw": "disabled"},
            "kms-deletion-windw: no rule is called so; write kms-deletion-window",
        ),
        ({"qqq": "disabled"}, "qqq: no rule is called so"),
        ({"all": "off"}, "all: write one of advisory, mandatory, remediate, disabled"),
        (
            {"kms-deletion-window": 7},
            "kms-deletion-window: write one of advisory, mandatory, remediate, disabled,"
            " or an object with parameters",
        ),
        (
            {"kms-deletion-window": {"enforcementLevel": "off"}},
            "kms-deletion-window.enforcementLevel: write one of advisory, mandatory, remediate, disabled",
        ),
        (
            {"kms-deletion-window": {"minDay": 7}},
            "kms-deletion-window.minDay: the rule has no such parameter; write minDays",
        ),
        (
            {"kms-policy-no-public-principal": "remediate"},
            "kms-policy-no-public-principal: write one of advisory, mandatory, disabled,"
            " or an object with parameters",
        ),
        (
            {"sns-encrypted": {"enforcementLevel": "remediate"}},
            "sns-encrypted.enforcementLevel: write one of advisory, mandatory, disabled",
        ),
        (
            {"kms-key-rotation": {"replacing": True}},
            "kms-key-rotation.replacing: the rule has no such parameter",
        ),
        ({"kms-deletion-window": {"minDays": True}}, "kms-deletion-window.minDays: write a whole number"),
        ({"region-allowlist": {"regions": "eu-west-1"}}, "region-allowlist.regions: write a list"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write(wrong: dict[str, Any], said: str) -> None:
    assert list(complaints(wrong)) == [said]


def test_the_command_tells_what_is_wrong(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"kms-deletion-windw": "disabled"}')
    assert configuration.main(str(file)) == 1
    assert f"{file}: kms-deletion-windw: no rule is called so" in capsys.readouterr().err
    assert configuration.main(str(CASTLE)) == 0
