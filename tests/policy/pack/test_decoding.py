"""The quicker reading of properties gives what the SDK's own gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from controls.pack.requests import decoding
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import deserialize, proxy
from pulumi_policy.secret import Secret

leaves = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner)
)


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(properties)
    return message


@given(st.dictionaries(st.text(max_size=4), values, max_size=5))
def test_it_reads_every_struct_as_the_sdk_does(properties: dict[str, Any]) -> None:
    message = struct(properties)
    assert text(decoding.plain(message)) == text(json_format.MessageToDict(message))


def text(properties: dict[str, Any]) -> str:
    """Tells `True` from `1.0`, and knows no order of keys, as a protobuf map has none."""
    return json.dumps(properties, sort_keys=True)


def test_a_message_is_read_once_and_a_changed_one_anew() -> None:
    message = struct({"name": "first"})
    assert decoding.plain(message) is decoding.plain(struct({"name": "first"}))
    message.update({"name": "second"})
    assert decoding.plain(message) == {"name": "second"}


def test_secrets_are_marked_for_a_remediation_only() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}
    meaning = decoding.meaning(deserialize.deserialize_properties)
    read = decoding.plain(struct({"password": secret}))
    assert meaning(read) == {"password": "hunter2"}
    assert meaning(read) is meaning(read)
    marked, again = meaning(read, True), meaning(read, True)
    assert marked is not again
    assert isinstance(deserialize_secret(marked), Secret)


def deserialize_secret(marked: dict[str, Any]) -> Any:
    """The value under the proxy that hands secrets out in clear."""
    return marked["__target"]["password"]


def test_what_a_policy_gets_is_made_once_and_raises_where_a_value_is_unknown() -> None:
    meaning = decoding.meaning(deserialize.deserialize_properties)
    guarding = decoding.guarding(proxy.unknown_checking_proxy)
    meant = meaning(decoding.plain(struct({"name": "castle", "arn": proxy.UNKNOWN_STRING_VALUE})))
    guarded = guarding(meant)
    assert guarding(meant) is guarded
    assert guarded["name"] == "castle"
    with pytest.raises(proxy.UnknownValueError):
        guarded["arn"]


def test_what_others_decoded_is_wrapped_anew() -> None:
    guarding = decoding.guarding(proxy.unknown_checking_proxy)
    properties = {"name": "castle"}
    assert guarding(properties) is not guarding(properties)
