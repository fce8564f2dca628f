"""A quicker way for the SDK to read a resource's properties, which it does anew for every policy.

With 113 rules that took most of a pack's time: `json_format` serves every kind of message, and walks each by
its descriptor. Properties are always a Struct, which needs no descriptor. The result is the same, which a test
holds it to; where a later SDK has no such place, nothing is changed.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

from google.protobuf import json_format, struct_pb2
from pulumi_policy import policy as sdk

PLACE: Final = "json_format"  # the name by which the SDK's module knows protobuf's


def install() -> None:
    """Has the SDK use it, in this process."""
    if hasattr(sdk, PLACE):
        setattr(sdk, PLACE, SimpleNamespace(**{**vars(json_format), "MessageToDict": plain}))


def plain(message: Any) -> Any:
    """What `json_format.MessageToDict` makes of a message."""
    if not isinstance(message, struct_pb2.Struct):
        return json_format.MessageToDict(message)
    return {key: _value(value) for key, value in message.fields.items()}


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        return value.number_value
    if kind == "struct_value":
        return {key: _value(item) for key, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    return None
