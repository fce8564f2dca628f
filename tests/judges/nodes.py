"""Node of a judge's input: a structure with members, a list, a map or a scalar, with its bound.

`Shape` is one of botocore's service models, `Property` one of cfn-lint's resource schemas.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

Bound = dict[str, Any]  # pattern, minLength, maxLength, minimum, maximum, minItems, maxItems, enum, anyOf

BOTOCORE: Final = "botocore"
CFN_LINT: Final = "cfn-lint"


class Node(Protocol):
    """One place in the input that a judge describes."""

    @property
    def where(self) -> str: ...

    @property
    def members(self) -> Mapping[str, Node]:
        """Members of a structure by name; empty for anything else."""
        ...

    @property
    def item(self) -> Node | None:
        """Item of a list, or value of a map; None for anything else."""
        ...

    @property
    def bound(self) -> Bound:
        """Bound beyond the type; empty if the judge says nothing."""
        ...

    @property
    def is_boolean(self) -> bool: ...


def folder_of(package: str) -> Path:
    """Folder of an installed package, which need not be imported for its data."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} isn't installed; `make setup` brings it")
    return Path(next(iter(spec.submodule_search_locations)))


# ---- botocore ----------------------------------------------------------------------------------------

_NO_LIMIT: Final = 2**31 - 1


@functools.cache
def service_model(service: str) -> dict[str, Any]:
    """Newest model of a service, as botocore has it."""
    newest = max((folder_of("botocore") / "data" / service).iterdir())
    return json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))


@functools.cache
def services() -> tuple[str, ...]:
    """Services of which botocore has a model."""
    data = folder_of("botocore") / "data"
    return tuple(sorted(path.name for path in data.iterdir() if any(path.glob("*/service-2.json.gz"))))


@dataclass(frozen=True)
class Shape:
    """A shape of a service model."""

    service: str
    name: str
    where: str

    @functools.cached_property
    def _raw(self) -> dict[str, Any]:
        return service_model(self.service)["shapes"][self.name]

    @property
    def members(self) -> Mapping[str, Node]:
        return self._members

    @functools.cached_property
    def _members(self) -> Mapping[str, Node]:
        if self._raw["type"] != "structure":
            return {}
        return {
            name: _shape(self.service, one["shape"], f"{self.where}.{name}")
            for name, one in self._raw["members"].items()
        }

    @property
    def item(self) -> Node | None:
        inside = self._raw.get("member") or self._raw.get("value")
        return None if inside is None else _shape(self.service, inside["shape"], f"{self.where}.*")

    @property
    def is_boolean(self) -> bool:
        return self._raw["type"] == "boolean"

    @property
    def bound(self) -> Bound:
        return self._bound

    @functools.cached_property
    def _bound(self) -> Bound:
        raw, kind = self._raw, self._raw["type"]
        bound: Bound = {name: raw[name] for name in ("pattern", "enum") if name in raw}
        if kind == "blob":  # its limits are of bytes, after decoding
            return bound
        least, most = raw.get("min"), raw.get("max")
        names = {
            "string": ("minLength", "maxLength"),
            "list": ("minItems", "maxItems"),
            "map": ("minItems", "maxItems"),
        }
        low, high = names.get(kind, ("minimum", "maximum"))
        if least is not None and (least > 0 or low == "minimum"):
            bound[low] = least
        if most is not None and most < _NO_LIMIT:
            bound[high] = most
        return _telling(bound)


@functools.cache
def _shape(service: str, name: str, where: str) -> Shape:
    return Shape(service, name, where)


def operation_input(service: str, operation: str) -> Shape:
    """Input of an operation. Raises KeyError for one that the service doesn't have."""
    found = service_model(service)["operations"][operation]
    return _shape(service, found["input"]["shape"], f"{service}:{operation}")


def operations(service: str) -> dict[str, str]:
    """Operations of a service that take an input, with its shape's name."""
    found = service_model(service)["operations"]
    return {name: one["input"]["shape"] for name, one in found.items() if "input" in one}


def documentation_hash(where: str) -> str:
    """Hash of what a model says of a member, `ec2:CreateSubnet.CidrBlock`; empty where it says nothing."""
    head, _, path = where.partition(".")
    service, _, operation = head.partition(":")
    shapes = service_model(service)["shapes"]
    here: dict[str, Any] = {"shape": service_model(service)["operations"][operation]["input"]["shape"]}
    for step in path.split("."):
        shape = shapes[here["shape"]]
        here = (shape.get("member") or shape["value"]) if step == "*" else shape["members"][step]
    text = here.get("documentation") or shapes[here["shape"]].get("documentation", "")
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


def regions() -> list[str]:
    """Regions of the partition `aws`."""
    partitions = json.loads((folder_of("botocore") / "data" / "endpoints.json").read_text())["partitions"]
    return sorted(next(one for one in partitions if one["partition"] == "aws")["regions"])


# ---- cfn-lint ----------------------------------------------------------------------------------------


@functools.cache
def _schemas() -> Path:
    return folder_of("cfnlint") / "data" / "schemas"


@functools.cache
def types_of_region(region: str) -> dict[str, str]:
    """Types that CloudFormation offers in a region, with the hash of their schema; none where there is no data."""
    file = _schemas() / "providers" / f"{region}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def schema_date() -> str:
    """Date of cfn-lint's schemas."""
    return json.loads((_schemas() / "version.json").read_text())["schema_date"][:10]


@functools.cache
def resource_schema(type_: str) -> dict[str, Any]:
    """Schema of a type of CloudFormation. Raises KeyError for an unknown one."""
    return json.loads((_schemas() / "resources" / f"{types_of_region('us-east-1')[type_]}.json").read_text())


# Forms that the schemas name and cfn-lint's own rules spell (`cfnlint/rules/formats`), not its data.
_ARN: Final = r"^arn:aws[a-z-]*:"
_FORMATS: Final = {
    "AWS::ACM::Certificate.Arn": _ARN + r"acm:[a-z0-9-]+:\d{12}:certificate/.+$",
    "AWS::EC2::Image.Id": r"^ami-([0-9a-z]{8}|[0-9a-z]{17})$",
    "AWS::EC2::SecurityGroup.Id": r"^sg-([a-fA-F0-9]{8}|[a-fA-F0-9]{17})$",
    "AWS::EC2::SecurityGroup.Name": r"^[a-zA-Z0-9 \._\-:\/()#\,@\[\]+=&;\{\}!\$\*]+$",
    "AWS::EC2::Subnet.Id": r"^subnet-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{17})$",
    "AWS::EC2::VPC.Id": r"^vpc-([0-9A-Fa-f]{8}|[0-9A-Fa-f]{17})$",
    "AWS::IAM::Role.Arn": _ARN + r"iam::\d{12}:role/.+$",
    "AWS::KMS::Alias.AliasName": r"^alias/[a-zA-Z0-9:/_-]+$",
    "AWS::KMS::Key.Arn": _ARN + r"kms:[a-z0-9-]+:\d{12}:(key|alias)/.+$",
    "AWS::KMS::Key.Id": r"^(mrk-[0-9a-f]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$",
    "AWS::Lambda::Function.Arn": _ARN + r"lambda:[a-z0-9-]+:\d{12}:function:.+$",
    "AWS::Logs::LogGroup.Name": r"^[\.\-_/#A-Za-z0-9]{1,512}$",
    "AWS::S3::Bucket.Name": r"^(?![.\-])(?!.*\.\.)(?!.*\-\.)(?!.*\.\-)[a-z0-9.\-]{3,63}(?<![.\-])$",
    "AWS::SNS::Topic.Arn": _ARN + r"sns:[a-z0-9-]+:\d{12}:.+$",
    "ipv4-network": r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$",
}


def regions_without(type_: str | None) -> list[str]:
    """Regions of the partition `aws` in which CloudFormation doesn't offer a type.

    One without data, or with those of us-east-1, says nothing.
    """
    if type_ is None:
        return []
    everywhere = types_of_region("us-east-1")
    return [
        region
        for region in regions()
        if (there := types_of_region(region)) and there != everywhere and type_ not in there
    ]


def extension(name: str, *, by_region: bool) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """An extension of a schema, `aws_rds_dbcluster/engine_version`: for each region, or one for all."""
    schema = json.loads((_schemas() / "extensions" / f"{name}.json").read_text())
    if by_region:
        yield from ((region, schema[region]) for region in regions() if region in schema)
    else:
        yield None, schema


_BOUNDS: Final = ("pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "enum")


@dataclass(frozen=True)
class Property:
    """A place in a resource schema."""

    type: str
    path: tuple[str, ...] = ()
    _schema: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, type_: str) -> Property:
        return cls(type_, (), resource_schema(type_))

    @property
    def where(self) -> str:
        return ".".join((self.type, *self.path))

    @functools.cached_property
    def _alternatives(self) -> list[dict[str, Any]]:
        """This schema and what it is made of, without references."""
        return list(_unfolded(self._schema, resource_schema(self.type), ()))

    @property
    def members(self) -> Mapping[str, Node]:
        return self._members

    @functools.cached_property
    def _members(self) -> Mapping[str, Node]:
        read_only = _read_only(self.type)
        found: dict[str, Node] = {}
        for one in self._alternatives:
            for name, schema in one.get("properties", {}).items():
                at = (*self.path, name)
                if at not in read_only and name not in found:
                    found[name] = Property(self.type, at, schema)
        return found

    @property
    def item(self) -> Node | None:
        for one in self._alternatives:
            if isinstance(one.get("items"), dict):
                return Property(self.type, (*self.path, "*"), one["items"])
            for values in (*one.get("patternProperties", {}).values(), one.get("additionalProperties")):
                if isinstance(values, dict) and not one.get("properties"):
                    return Property(self.type, (*self.path, "*"), values)
        return None

    @property
    def is_boolean(self) -> bool:
        return any(one.get("type") == "boolean" for one in self._alternatives)

    @property
    def bound(self) -> Bound:
        return self._bound

    @functools.cached_property
    def _bound(self) -> Bound:
        """The bound. Of alternatives all must have one, else any value fits."""
        schema = self._schema
        while "$ref" in schema:
            schema = {
                **_referred(schema["$ref"], resource_schema(self.type)),
                **{k: v for k, v in schema.items() if k != "$ref"},
            }
        bound: Bound = {name: schema[name] for name in _BOUNDS if name in schema}
        if "const" in schema:
            bound["enum"] = [schema["const"]]
        if (form := _FORMATS.get(schema.get("format", ""))) is not None and "pattern" not in bound:
            bound["pattern"] = form
        for word in ("anyOf", "oneOf"):
            inner = [Property(self.type, self.path, one).bound for one in schema.get(word, ())]
            if inner and all(inner):
                bound["anyOf"] = inner
        if bound.get("maxLength", 0) >= _NO_LIMIT:
            del bound["maxLength"]
        for name in ("minLength", "minItems"):
            if bound.get(name) == 0:
                del bound[name]
        return _telling(bound)


def _telling(bound: Bound) -> Bound:
    """The bound without patterns that refuse nothing."""
    if bound.get("pattern") in (".*", "^.*$", "[\\s\\S]*", "^[\\s\\S]*$", "(?s).*", "^(?s).*$"):
        return {name: value for name, value in bound.items() if name != "pattern"}
    return bound


def _referred(pointer: str, root: dict[str, Any]) -> dict[str, Any]:
    found: Any = root
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _unfolded(
    schema: dict[str, Any], root: dict[str, Any], seen: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    pointer = schema.get("$ref")
    if pointer is not None and pointer not in seen:
        yield from _unfolded(_referred(pointer, root), root, (*seen, pointer))
    yield schema
    for word in ("allOf", "anyOf", "oneOf"):
        for one in schema.get(word, ()):
            yield from _unfolded(one, root, seen)


@functools.cache
def _read_only(type_: str) -> frozenset[tuple[str, ...]]:
    paths = resource_schema(type_).get("readOnlyProperties", ())
    return frozenset(tuple(path.removeprefix("/properties/").split("/")) for path in paths)


def sources() -> dict[str, dict[str, str]]:
    """The judges' packages, with version and date."""
    return {
        BOTOCORE: {"version": version("botocore")},
        CFN_LINT: {"version": version("cfn-lint"), "date": schema_date()},
    }
