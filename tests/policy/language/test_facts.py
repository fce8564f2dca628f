"""Reading never raises, and never takes one thing for another."""

from __future__ import annotations

from typing import Any

import pytest
from controls.language.facts import MISSING, UNKNOWN, Node, all_of, any_of, as_bool, find, get, negate, plain
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import proxy

SENTINELS = [value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")]
UNKNOWN_TEXT = proxy.UNKNOWN_STRING_VALUE

TEXTS = st.text("ab.*0-", max_size=8)
LEAVES = st.none() | st.booleans() | st.floats(allow_nan=False) | TEXTS | st.sampled_from(SENTINELS)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)
PATHS = st.lists(st.sampled_from(["a", "b", "*", "0", ""]), min_size=1, max_size=4).map(".".join)


def node(props: dict[str, Any], **more: Any) -> Node:
    token = more.pop("type", "aws:s3/bucket:Bucket")
    return Node(urn="urn", type=token, name="it", inputs=proxy.unknown_checking_proxy(props), **more)


def test_there_are_seven_ways_to_be_unknown() -> None:
    assert len(SENTINELS) == 7


@pytest.mark.parametrize("sentinel", SENTINELS)
def test_an_unknown_value_is_there_and_unknown(sentinel: str) -> None:
    it = node({"a": sentinel, "b": {"c": [sentinel]}})
    assert it.has("a")
    assert it.get("a") is UNKNOWN
    assert it.get("b.c.0") is UNKNOWN
    assert it.get("b") == {"c": [UNKNOWN]}
    assert it.get("a.b.c") is UNKNOWN


def test_presence_is_told_without_reading() -> None:
    it = node({"kmsKeyId": UNKNOWN_TEXT})
    assert it.has("kmsKeyId")
    assert not it.has("masterPassword")


def test_null_is_missing() -> None:
    assert not node({"a": None}).has("a")
    assert plain({"a": None, "b": 1.0}) == {"b": 1}


def test_lists_compare_and_whole_numbers_are_integers() -> None:
    value = node({"a": [443.0, 0.5, ["x"]]}).get("a")
    assert value == [443, 0.5, ["x"]]
    assert type(value[0]) is int


def test_plain_data_reads_as_the_sdk_s_own_does() -> None:
    props = {"a": [{"b": UNKNOWN_TEXT}, {"b": 2.0}], "c": None}
    for inputs in (props, proxy.unknown_checking_proxy(props)):
        assert list(find(inputs, "a.*.b")) == [("a.0.b", UNKNOWN), ("a.1.b", 2)]
        assert get(inputs, "c") is MISSING


def test_a_missing_list_has_no_elements_and_an_unknown_one_is_unknown_once() -> None:
    assert list(find({}, "a.*.b")) == []
    assert list(find({"a": UNKNOWN_TEXT}, "a.*.b")) == [("a", UNKNOWN)]
    assert list(find({"a": [{}]}, "a.*.b")) == [("a.0.b", MISSING)]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (True, True),
        ("true", True),
        ("False", False),
        (UNKNOWN, UNKNOWN),
        (MISSING, MISSING),
        ("yes", None),
        (1, None),
    ],
)
def test_booleans_may_be_texts(value: Any, meant: Any) -> None:
    assert as_bool(value) is meant


@pytest.mark.parametrize("absent", [MISSING, UNKNOWN])
def test_what_is_absent_has_no_truth(absent: Any) -> None:
    with pytest.raises(TypeError, match="compare with `is`"):
        bool(absent)


@given(st.lists(st.sampled_from([True, False, UNKNOWN])))
def test_three_valued_logic_is_that_of_every_way_to_become_known(truths: list[Any]) -> None:
    worlds = [[it if it is not UNKNOWN else guess for it in truths] for guess in (True, False)]
    for judge, plainly in ((any_of, any), (all_of, all)):
        ends = {plainly(world) for world in worlds}
        assert judge(*truths) is (ends.pop() if len(ends) == 1 else UNKNOWN)


@given(st.sampled_from([True, False, UNKNOWN]))
def test_negation_turns_back(truth: Any) -> None:
    assert negate(negate(truth)) is truth


@given(st.dictionaries(st.sampled_from("ab"), ANYTHING), PATHS)
def test_reading_garbage_never_raises(props: dict[str, Any], path: str) -> None:
    it = node(props)
    assert list(it.find(path)) == list(find(props, path))
    assert [it.get(path), it.has(path), it.flag(path), it.tag(path), it.region]


def test_the_region_is_the_resource_s_then_its_provider_s_then_its_arn_s() -> None:
    arn = "arn:aws:sns:eu-central-1:123456789012:orders"
    ours = {"provider_props": {"region": "us-east-1"}}
    assert node({"region": "eu-west-1", "arn": arn}, **ours).region == "eu-west-1"
    assert node({"arn": arn}, **ours).region == "us-east-1"
    assert node({"arn": arn}).region == "eu-central-1"
    assert node({}).region is MISSING
    assert node({"region": UNKNOWN_TEXT}, **ours).region is UNKNOWN
    assert node({}, type="aws:iam/role:Role", **ours).region is MISSING


def test_a_provider_s_inputs_are_read_out_of_their_json() -> None:
    provider = {"allowedAccountIds": '["123456789012"]', "profile": "{broken", "region": "eu-west-1"}
    it = node({}, provider_props=provider)
    assert it.provider("allowedAccountIds") == ["123456789012"]
    assert it.provider("profile") == "{broken"
    assert it.provider("accessKey") is MISSING


def test_tags_come_from_the_resource_before_the_provider_s_defaults() -> None:
    it = node({"tags": {"a.b/c": "own"}, "tagsAll": {"a.b/c": "default", "tier": "app"}})
    assert it.tag("a.b/c") == "own"
    assert it.tag("tier") == "app"
    assert it.tag("gone") is MISSING
    assert node({"tagsAll": UNKNOWN_TEXT}).tag("gone") is UNKNOWN


def test_what_comes_empty_before_its_provider_exists_is_unknown_not_missing() -> None:
    it = node({}, pending=True)
    assert it.get("data") is UNKNOWN
    assert list(it.find("data.*.a")) == [("data.*.a", UNKNOWN)]
