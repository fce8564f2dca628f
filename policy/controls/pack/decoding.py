"""The SDK's reading of a resource's properties, done once for all policies instead of once for each.

The SDK decodes the same message anew for every policy, and for a stack policy the whole stack: with a hundred rules
that took most of a pack's time. Here the same bytes are read once, and what they mean is handed to every
policy; rules only read it. The result is the SDK's own, which a test holds it to. Where a later SDK has no such
places, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from google.protobuf import json_format, struct_pb2
from pulumi_policy import deserialize, proxy
from pulumi_policy import policy as sdk

# Where the SDK's module looks its decoding up.
PLACES: Final = ("json_format", "deserialize_properties", "unknown_checking_proxy")
_KEPT: Final = 4096  # messages: a large stack's resources and providers


class _Meant(dict[str, Any]):
    """What properties mean; `guarded` is what a policy gets, which raises where a value is unknown."""

    guarded: Any = None


class _Read(dict[str, Any]):
    """Properties as plain data, which others have too and nobody writes to; `meant` is what the SDK makes of them."""

    meant: _Meant | None = None


def install() -> bool:
    """Has the SDK use it, in this process. Returns whether it has the places for it."""
    fits = all(hasattr(sdk, place) for place in PLACES)
    if fits:
        ours = (
            SimpleNamespace(**{**vars(json_format), "MessageToDict": plain}),
            meaning(deserialize.deserialize_properties),
            guarding(proxy.unknown_checking_proxy),
        )
        for place, it in zip(PLACES, ours, strict=True):
            setattr(sdk, place, it)
    return fits


def plain(message: Any) -> Any:
    """What `json_format.MessageToDict` makes of a message, or has made of it already."""
    if isinstance(message, _Read):
        return message
    if not isinstance(message, struct_pb2.Struct):
        return json_format.MessageToDict(message)
    return _read(message.SerializeToString())


def meaning(of_the_sdk: Callable[[dict[str, Any], bool], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The SDK's second step, which makes assets and secrets of what was read, done once likewise."""

    def deserialized(properties: dict[str, Any], proxy_secrets: bool = False) -> dict[str, Any]:
        if proxy_secrets or not isinstance(properties, _Read):  # a remediation may write to what it gets
            return of_the_sdk(properties, proxy_secrets)
        if properties.meant is None:
            properties.meant = _Meant(of_the_sdk(properties, False))
        return properties.meant

    return deserialized


def guarding(of_the_sdk: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """The SDK's third step, which wraps whatever is in the properties, done once likewise."""

    def guarded(properties: dict[str, Any]) -> Any:
        if not isinstance(properties, _Meant):
            return of_the_sdk(properties)
        if properties.guarded is None:
            properties.guarded = of_the_sdk(properties)
        return properties.guarded

    return guarded


@lru_cache(maxsize=_KEPT)
def _read(message: bytes) -> _Read:
    # A Struct needs no walk by its descriptor, which takes `json_format` most of its time.
    fields = struct_pb2.Struct.FromString(message).fields
    return _Read((key, _value(value)) for key, value in fields.items())


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
