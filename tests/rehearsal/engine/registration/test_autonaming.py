"""Autonaming by the stack's config: for all resources, a provider's, a type's; and what can't stand twice."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.rehearsal.lab import Lab, errors, ops

LOG_GROUP = 'group = aws.cloudwatch.LogGroup("orders", opts=o)\npulumi.export("name", group.name)\n'


def named(lab: Lab, autonaming: dict[str, Any]) -> str:
    (lab.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {"pulumi:autonaming": autonaming}}))
    lab.program(LOG_GROUP)
    result = lab.up()
    assert not result.failed, errors(result)
    return result.outputs["name"]


@pytest.mark.parametrize(
    ("autonaming", "pattern"),
    [
        ({"mode": "verbatim"}, "orders"),
        ({"mode": "default"}, "orders-[0-9a-f]{7}"),
        ({"pattern": "${project}-${stack}-${name}"}, "lab-dev-orders"),
        ({"pattern": "${name}-${num(5)}${alphanum(3)}", "enforce": True}, r"orders-\d{5}[a-z0-9]{3}"),
        ({"pattern": "${uuid}"}, "[0-9a-f-]{36}"),
        ({"mode": "verbatim", "providers": {"aws": {"mode": "default"}}}, "orders-[0-9a-f]{7}"),
        (
            {"providers": {"aws": {"resources": {"aws:cloudwatch/logGroup:LogGroup": {"mode": "verbatim"}}}}},
            "orders",
        ),
    ],
)
def test_names_are_made_as_the_stack_says(lab: Lab, autonaming: dict[str, Any], pattern: str) -> None:
    name = named(lab, autonaming)
    assert re.fullmatch(pattern, name)
    assert named(lab, autonaming) == name


def test_what_has_a_name_without_chance_is_deleted_before_its_replacement(lab: Lab) -> None:
    named(lab, {"mode": "verbatim"})
    lab.program(LOG_GROUP.replace("opts=o", 'log_group_class="INFREQUENT_ACCESS", opts=o'))
    assert ops(lab.up()) == ["delete-replaced orders", "replace orders", "create-replacement orders"]


@pytest.mark.parametrize(
    ("autonaming", "message"),
    [
        ({"mode": "loud"}, "pulumi:autonaming.mode: must be one of default, verbatim, disabled, not 'loud'"),
        ({"moed": "verbatim"}, "pulumi:autonaming.moed: is no setting"),
        ({"mode": "verbatim", "pattern": "x"}, "pulumi:autonaming: cannot specify both mode and pattern"),
        ({"pattern": "${config.team}"}, "pulumi:autonaming.pattern: no value found for key 'lab:team'"),
    ],
)
def test_a_config_that_says_nothing_is_one_error(lab: Lab, autonaming: dict[str, Any], message: str) -> None:
    (lab.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {"pulumi:autonaming": autonaming}}))
    lab.program(LOG_GROUP)
    (error,) = errors(lab.preview())
    assert error.startswith(message)
