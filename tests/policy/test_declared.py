"""Rules name only types and inputs that the SDK declares."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from controls.language.rules import Rule
from controls.language.tokens import ANY

from rehearsal.cloud.types.property_names import snake
from rehearsal.cloud.types.schema import registered
from tests.policy.asking import all_rules
from tests.policy.declared import TOKENS, declared

ALIAS = re.compile(r'Alias\(type_="(aws:[^"]+)"')

# Types of the SDKs' older versions, of custom resources and of Pulumi itself: no declaration tells of them.
OLDER = (
    "V2:",
    "aws:elasticloadbalancingv2/",
    "aws:applicationloadbalancing/",
    "pulumi:",
    "kubernetes:keda.sh/",
)


@pytest.mark.parametrize("token", TOKENS)
def test_a_type_that_a_rule_is_on_exists(token: str) -> None:
    assert declared(token) is not None or any(it in f"{token}:" for it in OLDER)


def older_names(token: str) -> set[str]:
    """The names under which the SDK still takes over what was made by an older version of it."""
    home = registered("aws").get(token)
    if home is None or token.startswith("pulumi:"):
        return set()
    package = find_spec(home[0])
    assert package
    assert package.origin
    file = snake(token.split(":")[1].rpartition("/")[2])
    return set(ALIAS.findall(Path(package.origin).with_name(f"{file}.py").read_text()))


def test_a_rule_is_on_every_name_that_its_types_have_had() -> None:
    older = {token: older_names(token) for token in TOKENS}
    assert older["aws:s3/bucket:Bucket"] == {"aws:s3/bucketV2:BucketV2"}
    left_out = {
        (rule.name, name)
        for rule in all_rules().values()
        for token in rule.types
        for name in older.get(token, ())
        if name not in rule.types
    }
    assert left_out == set()


@pytest.mark.parametrize(
    "rule", [it for it in all_rules().values() if it.types != ANY], ids=lambda it: it.name
)
def test_an_input_that_a_rule_reads_exists_on_one_of_its_types(rule: Rule) -> None:
    schemas = [schema for token in rule.types if (schema := declared(token))]
    inputs = {name for schema in schemas for name in schema.inputs.properties}
    read = {path.partition(".")[0] for path in rule.reads.split()}
    assert not schemas or read <= inputs
