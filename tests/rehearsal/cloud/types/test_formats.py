"""Formats: the language of the tables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.cloud.types.formats import Scope, fill, path_steps, pseudo_random, value_at, values_at
from rehearsal.values import UNKNOWN, Secret, Value, Values

VPC = CloudResource("vpc", "vpc-1", "us-east-1", "urn", {"cidrBlock": "10.0.0.0/16"}, {"arn": "arn:vpc"})


def scope(values: Values, seed: str = "seed") -> Scope:
    def gather(query: Mapping[str, Any], within: Scope) -> Iterator[CloudResource]:
        return iter([VPC, VPC] if query["of"] == "vpc" else [])

    return Scope(
        values, "us-east-1", seed, lambda path: VPC if path == "vpcId" else None, gather, {"alb": "Z1"}
    )


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("plain", "plain"),
        ('{"Statement":[{"Effect":"Allow"}]}', '{"Statement":[{"Effect":"Allow"}]}'),
        (True, True),
        ("{region}/{account}/{here:alb}", "us-east-1/123456789012/Z1"),
        ("{count}", 3),
        ("{nested.list[1]}-{nested.list}", None),
        ("x{nested.list[1]}", "x2"),
        ("{missing}", None),
        ("x-{missing}", None),
        ("{missing|or:x}", "x"),
        ("{vpcId->cidrBlock}", "10.0.0.0/16"),
        ("{otherId->cidrBlock}", None),
        ("{path|last}", "c"),
        ("{path|after:a/}", "b/c"),
        ("{arn|region}", "eu-west-1"),
        ("{arn|service}", "kms"),
        ("{secret}", "hidden"),
        ("{wild|bare}", "castle.example"),
        ({"a": "{count}", "b": "{missing}"}, {"a": 3}),
        (["{count}", "x"], [3, "x"]),
        ({"when": "count", "then": "yes", "else": "no"}, "yes"),
        ({"when": "missing", "then": "yes", "else": "no"}, "no"),
        ({"each": ["wild", "names"], "give": "<{item}>"}, ["<*.castle.example>", "<a>"]),
        (
            {"look": "count", "in": {3: "three"}, "or": "many", "give": "{item} of {region}"},
            "three of us-east-1",
        ),
        ({"look": "region", "in": {3: "three"}, "or": "{region}", "give": "x-{item}"}, "x-us-east-1"),
        ({"gather": {"of": "vpc"}, "give": "{item.arn}"}, ["arn:vpc", "arn:vpc"]),
        ({"gather": {"of": "vpc"}, "give": "{item.id}", "first": True}, "vpc-1"),
        ({"gather": {"of": "none"}, "give": "{item.id}", "first": True}, None),
    ],
)
def test_format_has_the_value_that_its_documentation_says(form: Value, value: Value) -> None:
    values: Values = {
        "count": 3,
        "nested": {"list": [1, 2]},
        "path": "a/b/c",
        "arn": "arn:aws:kms:eu-west-1:123456789012:key/x",
        "secret": Secret("hidden"),
        "wild": "*.castle.example",
        "names": ["a", "a"],
    }
    if form == "{nested.list[1]}-{nested.list}":
        form = "{nested.list[1]}-{nested.none}"
    assert fill(form, scope(values)) == value


def test_format_over_something_unknown_is_unknown() -> None:
    values: Values = {"a": UNKNOWN}
    assert fill("x-{a}", scope(values)) is UNKNOWN
    assert fill("{a|last}", scope(values)) is UNKNOWN


def test_unknown_filter_is_an_error_of_the_table() -> None:
    with pytest.raises(ValueError, match="there is no filter upside"):
        fill("{a|upside}", scope({}))


def test_made_up_parts_have_their_alphabet_and_length() -> None:
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", fill("vpc-{hex:17}", scope({})))
    assert re.fullmatch(r"E[A-Z0-9]{13}", fill("E{upper:13}", scope({})))
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", fill("{uuid}", scope({}))
    )
    assert 1 <= fill("{octet}", scope({})) <= 254


@given(st.text(), st.text(), st.integers(1, 80))
def test_made_up_parts_follow_from_the_seed_alone(one: str, other: str, length: int) -> None:
    assert pseudo_random(one, length) == pseudo_random(one, length)
    assert len(pseudo_random(one, length)) == length
    assert one == other or pseudo_random(one, 40) != pseudo_random(other, 40)


def test_two_made_up_parts_of_one_thing_differ() -> None:
    filled = fill({"a": "{hex:17}", "b": "{hex:17}", "c": ["{hex:17}", "{hex:17}"]}, scope({}))
    assert len({filled["a"], filled["b"], *filled["c"]}) == 4


def test_path_is_split_at_dots_and_brackets() -> None:
    assert path_steps('a.b[0][*].c["d.e"]') == ("a", "b", 0, "*", "c", "d.e")


def test_leaves_are_found_through_every_list_with_their_exact_paths() -> None:
    values: Values = {
        "rules": [{"targets": [{"arn": "a"}, {"arn": "b"}]}, {}, {"targets": Secret([{"arn": "c"}])}]
    }
    assert list(values_at(values, "rules.targets.arn")) == [
        ("rules[0].targets[0].arn", "a"),
        ("rules[0].targets[1].arn", "b"),
        ("rules[2].targets[0].arn", "c"),
    ]


def test_look_takes_the_first_item_of_a_list_and_sees_through_secrets() -> None:
    values: Values = {"subnets": Secret([{"id": "a"}, {"id": "b"}]), "unknown": UNKNOWN, "empty": []}
    assert value_at(values, "subnets.id") == "a"
    assert value_at(values, "subnets[1].id") == "b"
    assert value_at(values, "subnets[2].id") is None
    assert value_at(values, "empty.id") is None
    assert value_at(values, "unknown.id") is UNKNOWN
