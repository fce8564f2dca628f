"""Resource schemas of cfn-lint: the properties of CloudFormation's types, their regions, and their extensions."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.judges.nodes import NO_LIMIT, Bound, Node, folder_of, telling
from tests.judges.service_models import regions


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
        if bound.get("maxLength", 0) >= NO_LIMIT:
            del bound["maxLength"]
        for name in ("minLength", "minItems"):
            if bound.get(name) == 0:
                del bound[name]
        return telling(bound)


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
