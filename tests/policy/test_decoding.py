"""The quicker reading of properties gives what the SDK's own gives."""

from __future__ import annotations

from typing import Any

from controls import decoding
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import policy as sdk

leaves = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner)
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=5))
def test_it_reads_every_struct_as_the_sdk_does(properties: dict[str, Any]) -> None:
    message = struct_pb2.Struct()
    message.update(properties)
    assert repr(decoding.plain(message)) == repr(json_format.MessageToDict(message))


def test_the_sdk_still_has_the_place_where_it_goes_in() -> None:
    assert getattr(sdk, decoding.PLACE).MessageToDict
