"""Property values, as the engine and the cloud hold them, and their two written forms.

A value is JSON (None, bool, int or float, str, list, dict) or one of the few things that JSON lacks:
`UNKNOWN`, `Secret`, `Reference`, `Asset`. `decode` and `encode` turn it from and into the wire form of
Pulumi's protocols (`struct_pb2`), whose signatures stand in the SDK's `pulumi.runtime.rpc`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

Value = Any
Values = dict[str, Value]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        UNKNOWN_STRING,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown:
    """Value that only an update computes. There is one, `UNKNOWN`; it equals nothing but itself."""

    _one: Unknown | None = None

    def __new__(cls) -> Unknown:
        if cls._one is None:
            cls._one = super().__new__(cls)
        return cls._one

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value has no truth: compare with `is UNKNOWN`")


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is never shown and never written in clear."""

    value: Value

    def __repr__(self) -> str:
        return "[secret]"


@dataclass(frozen=True)
class Reference:
    """A resource passed as a value: its URN, and its id (None for a component, UNKNOWN in a preview)."""

    urn: str
    id: Value = None
    version: str = ""


@dataclass(frozen=True)
class Asset:
    """A file (`kind` ASSET) or an archive (`kind` ARCHIVE): its fields on the wire beside the kind."""

    kind: str
    fields: tuple[tuple[str, Value], ...]


# ---- the wire ---------------------------------------------------------------------------------------


def decode(struct: struct_pb2.Struct) -> Values:
    """The values of a wire struct. An output value becomes its value, UNKNOWN, or a Secret of either."""
    return {key: decode_value(value) for key, value in struct.fields.items()}


def dependencies(value: struct_pb2.Value) -> set[str]:
    """The URNs that the output values in a wire value name as what they depend on."""
    urns: set[str] = set()
    for item in value.list_value.values:
        urns |= dependencies(item)
    fields = value.struct_value.fields
    for item in fields.values():
        urns |= dependencies(item)
    if SIGNATURE in fields and fields[SIGNATURE].string_value == OUTPUT and "dependencies" in fields:
        urns.update(urn.string_value for urn in fields["dependencies"].list_value.values)
    return urns


def decode_value(value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [decode_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return special(decode(value.struct_value))
    return None


def special(fields: Values) -> Value:
    """Value that a signed dictionary encodes; a dictionary without signature encodes itself."""
    signature = fields.get(SIGNATURE)
    if signature is None:
        return fields
    if signature == SECRET:
        return Secret(reveal_top(fields["value"]))
    if signature == OUTPUT:
        plain = reveal_top(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(plain) if fields.get("secret") else plain
    if signature == REFERENCE:
        return Reference(fields["urn"], fields.get("id"), fields.get("packageVersion", ""))
    if signature in (ASSET, ARCHIVE):
        return Asset(signature, tuple((k, v) for k, v in sorted(fields.items()) if k != SIGNATURE))
    raise ValueError(f"a value on the wire has the unknown signature {signature}")


def encode(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """The wire form of values."""
    struct = struct_pb2.Struct()
    for key, value in values.items():
        _encode_into(struct.fields[key], value)
    return struct


def _encode_into(target: struct_pb2.Value, value: Value) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif value is UNKNOWN:
        target.string_value = UNKNOWN_STRING
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, (list, tuple)):
        target.list_value.SetInParent()
        for item in value:
            _encode_into(target.list_value.values.add(), item)
    elif isinstance(value, dict):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _encode_into(target.struct_value.fields[key], item)
    else:
        _encode_into(target, signed(value))


def signed(value: Secret | Reference | Asset) -> Values:
    """The signed dictionary that stands for a special value, on the wire and in a journal."""
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": value.value}
    if isinstance(value, Reference):
        reference = {SIGNATURE: REFERENCE, "urn": value.urn, "packageVersion": value.version}
        return reference if value.id is None else reference | {"id": value.id}
    if isinstance(value, Asset):
        return {SIGNATURE: value.kind, **dict(value.fields)}
    raise TypeError(f"{type(value).__name__} is no property value")


# ---- looking and rewriting --------------------------------------------------------------------------


def reveal_top(value: Value) -> Value:
    """The value without a secret mark around it; marks further in stay."""
    while isinstance(value, Secret):
        value = value.value
    return value


def reveal(value: Value) -> Value:
    """The value without any secret mark, for comparisons and computations."""
    return rewrite(value, lambda v: v.value if isinstance(v, Secret) else v)


def rewrite(value: Value, change: Callable[[Value], Value]) -> Value:
    """A copy of the value in which `change` has been applied to each part, the outer one first."""
    value = change(value)
    if isinstance(value, dict):
        return {key: rewrite(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [rewrite(item, change) for item in value]
    if isinstance(value, Secret):
        return Secret(rewrite(value.value, change))
    return value


def parts(value: Value) -> Iterator[Value]:
    """The value and everything inside it, secrets' contents included."""
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)
    elif isinstance(value, Secret):
        yield from parts(value.value)


def has_unknown(value: Value) -> bool:
    """Returns whether any part of the value is unknown."""
    return any(part is UNKNOWN for part in parts(value))


def has_secret(value: Value) -> bool:
    """Returns whether any part of the value is marked secret."""
    return any(isinstance(part, Secret) for part in parts(value))
