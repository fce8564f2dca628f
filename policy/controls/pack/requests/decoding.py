"""Decoding of a resource's properties, done once for all policies instead of once for each.

Equal bytes are decoded once, and the result is handed to every policy; rules only read it. It equals the SDK's own,
which a test holds it to. `sdk_patches.py` says why, and puts it into the SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

from google.protobuf import json_format, struct_pb2

_KEPT: Final = 4096  # messages: a large stack's resources and providers


class _Meant(dict[str, Any]):
    """Deserialized properties; `guarded` is their form for policies, which raises where a value is unknown."""

    guarded: _Guarded | None = None


class _Guarded(Mapping[str, Any]):
    """Properties that raise where a value is unknown, wrapped when the first one is read: rules read what is bare."""

    def __init__(self, meant: _Meant, wrap: Callable[[dict[str, Any]], Any]) -> None:
        self.meant = meant
        self._wrap = wrap

    @cached_property
    def _wrapped(self) -> Any:
        return self._wrap(self.meant)

    def __getitem__(self, key: str) -> Any:
        return self._wrapped[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.meant)

    def __len__(self) -> int:
        return len(self.meant)


class _Read(dict[str, Any]):
    """Properties as plain data, which all policies share and none changes; `meant` is their deserialized form."""

    meant: _Meant | None = None


def plain(message: Any) -> Any:
    """`json_format.MessageToDict` of a message, made once for equal messages."""
    if isinstance(message, _Read):
        return message
    if not isinstance(message, struct_pb2.Struct):
        return json_format.MessageToDict(message)
    return _read(message.SerializeToString())


def meaning(of_the_sdk: Callable[[dict[str, Any], bool], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """`deserialize_properties` of the SDK, which makes assets and secrets of plain data, done once likewise."""

    def deserialized(properties: dict[str, Any], proxy_secrets: bool = False) -> dict[str, Any]:
        if proxy_secrets or not isinstance(properties, _Read):  # a remediation may write to what it gets
            return of_the_sdk(properties, proxy_secrets)
        if properties.meant is None:
            properties.meant = _Meant(of_the_sdk(properties, False))
        return properties.meant

    return deserialized


def guarding(of_the_sdk: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """`unknown_checking_proxy` of the SDK, which wraps deserialized properties, done once likewise."""

    def guarded(properties: dict[str, Any]) -> Any:
        if not isinstance(properties, _Meant):
            return of_the_sdk(properties)
        if properties.guarded is None:
            properties.guarded = _Guarded(properties, of_the_sdk)
        return properties.guarded

    return guarded


def bare(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Properties as rules read them: with Pulumi's sentinel where a value is unknown, where policies' raise."""
    return properties.meant if isinstance(properties, _Guarded) else properties


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
