from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workloads.authorizer.lab import NOW
from workloads.authorizer.methods import Methods, MethodsError
from workloads.authorizer.tokens import Caller

STAGE = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/live"
TABLE = {
    "GET /orders": "orders:read",
    "POST /orders": "orders:write",
    "GET /orders/{orderId}": "orders:read",
    "DELETE /orders/{orderId}": "orders:write",
    "GET /": "root:read",
}


def caller(*scopes: str, usage_key: str | None = None) -> Caller:
    return Caller("customer-1", frozenset(scopes), NOW + 600, usage_key)


def answer(who: Caller, method: str = "GET /orders", path: str = "GET/orders") -> dict[str, Any]:
    return Methods.parse(json.dumps(TABLE)).response(who, f"{STAGE}/{path}", method)


def admits(answered: dict[str, Any], arn: str, now: float = NOW) -> bool:
    """API Gateway's decision by a policy: a statement that denies wins, and what none allows is denied."""
    effects: set[str] = set()
    for statement in answered["policyDocument"]["Statement"]:
        assert statement["Action"] == "execute-api:Invoke"
        late = statement.get("Condition", {}).get("DateGreaterThan", {}).get("aws:CurrentTime")
        if late and now <= datetime.strptime(late, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp():
            continue
        if any(matches(pattern, arn) for pattern in statement["Resource"]):
            effects.add(statement["Effect"])
    return effects == {"Allow"}


def matches(pattern: str, arn: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), arn) is not None


def test_one_answer_is_for_every_method_of_the_stage() -> None:
    read = answer(caller("orders:read"))
    assert admits(read, f"{STAGE}/GET/orders")
    assert admits(read, f"{STAGE}/GET/orders/17")
    assert not admits(read, f"{STAGE}/POST/orders")
    assert not admits(read, f"{STAGE}/DELETE/orders/17")


def test_answer_doesnt_depend_on_the_method_that_was_asked_for_first() -> None:
    who = caller("orders:write")
    assert answer(who) == answer(who, "DELETE /orders/{orderId}", "DELETE/orders/17")


def test_answer_is_for_no_other_api_stage_account_or_region() -> None:
    everything = answer(caller(*TABLE.values()))
    assert admits(everything, f"{STAGE}/GET/orders")
    for part, other in [
        ("eu-west-1", "us-east-1"),
        ("123456789012", "210987654321"),
        ("a1b2", "z9y8"),
        ("live", "test"),
    ]:
        assert not admits(everything, f"{STAGE.replace(part, other)}/GET/orders")


def test_root_is_a_method_like_any_other() -> None:
    root = answer(caller("root:read"))
    assert admits(root, f"{STAGE}/GET/")
    assert not admits(root, f"{STAGE}/GET/orders")


def test_methods_that_arent_in_the_table_are_denied() -> None:
    everything = answer(caller(*TABLE.values()))
    assert not admits(everything, f"{STAGE}/PUT/orders")
    assert not admits(everything, f"{STAGE}/GET/accounts")


def test_asking_for_one_that_isnt_in_the_table_denies_all() -> None:
    lost = answer(caller(*TABLE.values()), "GET /accounts", "GET/accounts")
    assert lost["policyDocument"]["Statement"] == [
        {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": [f"{STAGE}/*"]}
    ]


def test_scopes_that_no_method_asks_for_are_denied_in_so_many_words() -> None:
    (statement,) = answer(caller("other"))["policyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"


def test_answer_that_is_kept_ends_with_the_token() -> None:
    read = answer(caller("orders:read"))
    assert admits(read, f"{STAGE}/GET/orders", NOW + 600)
    assert not admits(read, f"{STAGE}/GET/orders", NOW + 601)


def test_answer_names_the_caller() -> None:
    read = answer(caller("orders:write", "orders:read"))
    assert read["principalId"] == "customer-1"
    assert read["context"] == {"subject": "customer-1", "scopes": "orders:read orders:write"}
    assert "usageIdentifierKey" not in read


def test_partners_answer_has_the_key_of_their_usage_plan() -> None:
    assert answer(caller("orders:read", usage_key="partner"))["usageIdentifierKey"] == "partner"


@pytest.mark.parametrize("arn", ["", "arn:aws:lambda:eu-west-1:123456789012:function:x", f"{STAGE}"])
def test_event_of_another_kind_is_refused(arn: str) -> None:
    with pytest.raises(MethodsError, match="methodArn"):
        Methods(TABLE).response(caller("orders:read"), arn, "GET /orders")


SEGMENTS = st.sampled_from(["orders", "fills", "{id}", "{other}"])
METHODS = st.builds(
    lambda verb, path: f"{verb} /{'/'.join(path)}",
    st.sampled_from(["GET", "POST"]),
    st.lists(SEGMENTS, min_size=1, max_size=4),
)
SCOPES = st.sampled_from(["a", "b", "c"])


@given(st.dictionaries(METHODS, SCOPES, min_size=1, max_size=8), st.sets(SCOPES))
def test_policy_allows_just_what_the_scopes_are_for(table: dict[str, str], scopes: set[str]) -> None:
    """Holds for every table that is accepted, and any values of a path's parameters."""
    try:
        methods = Methods.parse(json.dumps(table))
    except MethodsError as error:
        assert "too; give both the same scope" in str(error)
        return
    asked = next(iter(table))
    answered = methods.response(caller(*scopes), f"{STAGE}/GET/x", asked)
    for method, scope in table.items():
        for filler in ("17", "orders", "fills"):
            path = re.sub(r"\{\w+\}", filler, method.replace(" ", ""))
            same = {wanted for other, wanted in table.items() if fits(other, path)}
            if len(same) == 1:  # otherwise API Gateway itself chooses which method it is
                assert admits(answered, f"{STAGE}/{path}") == (scope in scopes)


def fits(method: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", method.replace(" ", "")), path) is not None


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("GET /orders/{id}", "GET /orders/{id}/fills"),
        ("GET /orders/{id}", "GET /orders/mine"),
        ("GET /{kind}", "GET /orders/{id}/fills"),
        ("GET /a/{x}/c", "GET /a/b/b/c"),
    ],
)
def test_two_methods_that_a_policy_cant_tell_apart_need_one_scope(wide: str, narrow: str) -> None:
    with pytest.raises(MethodsError, match=re.escape(f"what allows {wide} (a) allows {narrow} (b) too")):
        Methods.parse(json.dumps({wide: "a", narrow: "b"}))
    assert Methods.parse(json.dumps({wide: "a", narrow: "a"}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("[]", "not an object with methods in it"),
        ("{}", "not an object with methods in it"),
        ('{"ANY /orders": "a"}', "ANY /orders: 'a'; write a method and its scope"),
        ('{"GET orders": "a"}', "GET orders"),
        ('{"GET /orders/*": "a"}', r"GET /orders/\*"),
        ('{"GET /{proxy+}": "a"}', "proxy"),
        ('{"GET /orders": ""}', "GET /orders: ''"),
        ('{"GET /orders": ["a"]}', "GET /orders"),
    ],
)
def test_table_that_cant_be_kept_to_is_refused(text: str, said: str) -> None:
    with pytest.raises(MethodsError, match=f"METHODS: .*{said}"):
        Methods.parse(text)
