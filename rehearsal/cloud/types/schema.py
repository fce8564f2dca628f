"""Schemas of resource types, inputs and outputs, read from the SDK's own declarations.

Reading them means importing the SDK's modules, which takes seconds for a whole platform. So schemas are written to a
cache, one file a type, in a folder named after the package and its version; a process that finds them there
imports no SDK module at all.
"""

from __future__ import annotations

import collections.abc
import difflib
import enum
import functools
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import re
import threading
import typing
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.cloud.types.property_names import camel

# The shape of a value: "string", "number", "integer", "boolean", "asset", "any", or one of
# {"list": shape}, {"map": shape}, {"object": name of a declaration}, {"union": [shape...]}, {"enum": [...]};
# an enum is `open` where the SDK takes other values too.
Shape = Any

PACKAGES = {"aws": "pulumi_aws", "eks": "pulumi_eks", "kubernetes": "pulumi_kubernetes"}
FORMAT = 3  # of the cache's files


@dataclass(frozen=True)
class Declaration:
    """Properties of a resource's inputs, or of an object inside them, under their wire names."""

    properties: dict[str, Shape]
    required: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """Schema of a resource type: its inputs, the objects inside them, its outputs, and the inputs that replace it."""

    token: str
    inputs: Declaration
    objects: dict[str, Declaration]
    outputs: frozenset[str]
    pinned: frozenset[str]  # inputs whose documentation says that changing them makes a new resource

    @property
    def taggable(self) -> bool:
        return "tagsAll" in self.outputs and "tags" in self.inputs.properties

    @property
    def regional(self) -> bool:
        return "region" in self.inputs.properties


class UnknownTypeError(Exception):
    """The package has no such resource type."""


class Schemas:
    """Schemas of all types, each read at its first use."""

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._known: dict[str, Schema | None] = {}
        self._turn = (
            threading.RLock()
        )  # a module of the SDK that two threads import at once may look half empty

    def of(self, token: str) -> Schema | None:
        """Schema of a type; None for a custom Kubernetes kind, which has none. Raises UnknownTypeError."""
        with self._turn:
            if token not in self._known:
                self._known[token] = self._cached(token) or self._read(token)
            return self._known[token]

    def _read(self, token: str) -> Schema | None:
        package = package_of(token)
        if package not in PACKAGES:
            raise UnknownTypeError(f"no provider answers for {token}; there are {', '.join(PACKAGES)}")
        home = registered(package).get(token)
        if home is None:
            if package == "kubernetes":
                return None
            near = difflib.get_close_matches(token, registered(package), n=1)
            raise UnknownTypeError(
                f"{token} is no type of {package}" + (f"; did you mean {near[0]}?" if near else "")
            )
        schema = _declared(token, *home)
        self._remember(schema)
        return schema

    def _file(self, token: str) -> Path | None:
        if self._cache is None:
            return None
        package = package_of(token)
        if package not in PACKAGES:
            return None
        return self._cache / f"{package}-{version(package)}" / (re.sub(r"\W+", "-", token) + ".json")

    def _cached(self, token: str) -> Schema | None:
        file = self._file(token)
        if file is None:
            return None
        try:
            data = json.loads(file.read_text())
        except (OSError, ValueError):
            return None
        if data.get("format") != FORMAT:
            return None
        return Schema(
            token,
            _declaration(data["inputs"]),
            {name: _declaration(fields) for name, fields in data["objects"].items()},
            frozenset(data["outputs"]),
            frozenset(data["pinned"]),
        )

    def _remember(self, schema: Schema) -> None:
        file = self._file(schema.token)
        if file is None:
            return
        data = {
            "format": FORMAT,
            "inputs": [schema.inputs.properties, schema.inputs.required],
            "objects": {name: [o.properties, o.required] for name, o in schema.objects.items()},
            "outputs": sorted(schema.outputs),
            "pinned": sorted(schema.pinned),
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(data))
        draft.replace(file)


def _declaration(written: list[Any]) -> Declaration:
    return Declaration(written[0], tuple(written[1]))


def package_of(token: str) -> str:
    """Package of a type: `aws` of `aws:ec2/vpc:Vpc` and of `pulumi:providers:aws`."""
    first, *_, last = token.split(":")
    return last if first == "pulumi" else first


@functools.cache
def version(package: str) -> str:
    """Version of an installed package, which is that of its plugin, too."""
    return importlib.metadata.version(PACKAGES[package])


@functools.cache
def registered(package: str) -> dict[str, tuple[str, str]]:
    """Module and class of each type token, from the package's registration table, without importing it."""
    spec = importlib.util.find_spec(PACKAGES[package])
    if spec is None or spec.origin is None:
        raise UnknownTypeError(f"{PACKAGES[package]} is not installed")
    text = Path(spec.origin).read_text()
    table = re.search(r'resource_modules="""(.*?)"""', text, re.DOTALL)
    if table is None:
        raise UnknownTypeError(f"{PACKAGES[package]} has no registration table")
    types = {
        token: (module["fqn"], name)
        for module in json.loads(table[1])
        for token, name in module["classes"].items()
    }
    return types | {f"pulumi:providers:{package}": (f"{PACKAGES[package]}.provider", "Provider")}


# ---- reading declarations ----------------------------------------------------------------------------


def _declared(token: str, module: str, name: str) -> Schema:
    from pulumi import _types  # noqa: PLC0415 a process that has the cache needs no SDK

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the module's other types
        resource = getattr(importlib.import_module(module), name)
    own = importlib.import_module(resource.__module__)
    form = getattr(own, f"{name}InitArgs", None) or getattr(own, f"{name}Args", None)
    objects: dict[str, Declaration] = {}
    inputs = Declaration({}, ()) if form is None else _fields(form, objects)
    outputs = frozenset(_types.resource_py_to_pulumi_names(resource).values()) - {"id", "urn"}
    return Schema(token, inputs, objects, outputs, frozenset(_pinned(form)) & frozenset(inputs.properties))


def _fields(form: type, objects: dict[str, Declaration]) -> Declaration:
    from pulumi import _types  # noqa: PLC0415 the SDK takes long to load

    names = _types.input_type_py_to_pulumi_names(form)
    parameters = inspect.signature(form.__init__).parameters
    required = tuple(
        wire for name, wire in names.items() if parameters[name].default is inspect.Parameter.empty
    )
    types = _types.input_type_types(form)
    return Declaration({wire: _shape(types.get(wire, Any), objects) for wire in names.values()}, required)


_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def _shape(hint: Any, objects: dict[str, Declaration]) -> Shape:  # noqa: PLR0911 one return per kind of hint
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin = typing.get_origin(hint)
    if origin in (list, collections.abc.Sequence):
        return {"list": _shape(typing.get_args(hint)[0], objects)}
    if origin in (dict, collections.abc.Mapping):
        return {"map": _shape(typing.get_args(hint)[1], objects)}
    if origin is typing.Literal:
        return {"enum": list(typing.get_args(hint))}
    if origin is not None and origin is not collections.abc.Awaitable and typing.get_args(hint):
        return _either([arg for arg in typing.get_args(hint) if not _promise(arg)], objects)
    if not inspect.isclass(hint):
        return "any"
    if issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    return _class_shape(hint, objects)


def _either(hints: list[Any], objects: dict[str, Declaration]) -> Shape:
    shapes: list[Shape] = []
    for hint in hints:
        shape = _shape(hint, objects)
        if shape not in shapes:
            shapes.append(shape)
    listed = [shape for shape in shapes if isinstance(shape, dict) and "enum" in shape]
    if listed and any(shape in ("string", "integer", "number") for shape in shapes):
        shapes = [{**listed[0], "open": True}]  # the SDK's list may lag behind AWS
    if "any" in shapes or not shapes:
        return "any"
    return shapes[0] if len(shapes) == 1 else {"union": shapes}


def _promise(hint: Any) -> bool:
    from pulumi import Output  # noqa: PLC0415 the SDK takes long to load

    origin = typing.get_origin(hint)
    return hint is type(None) or hint is Output or origin in (collections.abc.Awaitable, Output)


def _class_shape(hint: type, objects: dict[str, Declaration]) -> Shape:
    from pulumi import Archive, Asset, _types  # noqa: PLC0415 the SDK takes long to load

    if issubclass(hint, (Asset, Archive)):
        return "asset"
    if not _types.is_input_type(hint):
        return "any"
    name = f"{hint.__module__.removesuffix('._inputs')}.{hint.__name__}"
    if name not in objects:
        objects[name] = Declaration({}, ())  # a type may hold itself
        objects[name] = _fields(hint, objects)
    return {"object": name}


# "Forces new resource", "Changing this forces a new resource to be created", but not conditional forms: "If the
# type is anything other than Interface, changing this forces a new resource".
_PINS = re.compile(
    r"\(?Forces new resource\)?|Forces replacement if modified"
    r"|[Cc]hang\w* (?:this|the|it|`\w+`)\s?\w* ?(?:value |will )?(?:forces?|creates?|recreates?)"
    r"|[Ff]orces? (?:a )?(?:new resource|recreation|replacement)\.?$"
)


_CONDITIONAL = re.compile(
    r"^(If|When|Unless|Once|After)\b|\b(unless|only if|only when|except|if `|when `|if the|when the)\b"
)


def pins(text: str) -> bool:
    """Returns whether an input's documentation says, without a condition, that changing it makes a new resource."""
    sentences = re.split(r"(?<=[.)])\s+|\n+", text)
    return any(_PINS.search(one) and not _CONDITIONAL.search(one.strip()) for one in sentences)


def _pinned(form: type | None) -> typing.Iterator[str]:
    document = getattr(form.__init__, "__doc__", None) if form else None
    for name, text in re.findall(
        r":param [^\n]*? (\w+): (.*?)(?=\n\s*:param |\Z)", document or "", re.DOTALL
    ):
        if pins(text):
            yield camel(name)
