"""Type table: ids, defaults, immutable inputs, references and refusals of each resource type, a row in `types.yaml`.

`TypeRow` has the columns. A type without a row still works: its row is derived from its schema.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.cloud.types.formats import Format
from rehearsal.cloud.types.schema import Schema

FILE: Final = Path(__file__).with_name("types.yaml")


@dataclass(frozen=True)
class AutoName:
    """Auto-naming of a resource that the program leaves unnamed."""

    of: str  # the input
    max: int = 255
    alphabet: str = "mixed"  # or "lower": for names in which AWS allows no capitals
    prefix: str = ""  # what AWS demands that the name begins with
    fifo: str = ""  # an input that, when true, has the name end in .fifo


@dataclass(frozen=True)
class Refusal:
    """Refusal of a verb by AWS. All the conditions that are given must hold."""

    verb: str  # create, update or delete; put for the first two
    code: str
    say: str
    given: tuple[str, ...] = ()  # paths that have a value
    missing: tuple[str, ...] = ()  # paths that have none
    any: tuple[str, ...] = ()  # paths of which at least one has a value
    equals: Mapping[str, Any] = field(default_factory=dict)  # path: value
    unless: Mapping[str, Any] = field(default_factory=dict)  # path: value; if all are so, there is no refusal
    changed: tuple[str, ...] = ()  # inputs of which an update changes at least one
    was: Mapping[str, Any] = field(default_factory=dict)  # path: value, before the update
    beyond: Mapping[str, Any] = field(
        default_factory=dict
    )  # path: all values that are allowed, of which one isn't
    like: Mapping[str, str] = field(default_factory=dict)  # path: a pattern, which its values match
    unlike: Mapping[str, str] = field(default_factory=dict)  # path: a pattern, which one value doesn't match
    below: Mapping[str, Any] = field(
        default_factory=dict
    )  # path: a number, `path` or `path + number`, than which at least one of the paths is less
    apart: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # path: others, whose values together aren't the same
    within: Mapping[str, Format] = field(default_factory=dict)  # path: a block of addresses that it isn't in
    uncovered: Mapping[str, tuple[Format, ...]] = field(
        default_factory=dict
    )  # path: names of a certificate, or lists of some, which don't cover all values
    each: str = ""  # a path of blocks, of which one has what all the paths above say, from there
    some: Mapping[str, Any] | None = None  # a query that finds something
    least: int = 1  # how many resources `some` must find
    outside: str = ""  # a region that the resource isn't in
    none: Mapping[str, Any] | None = None  # a query that finds nothing


@dataclass(frozen=True)
class RetainedCopy:
    """Resource that AWS retains when another is deleted: a key pending deletion, a final snapshot."""

    type: str = ""  # the resource itself if empty
    id: Format = "{id}"
    region: Format = "{region}"  # where, if not there
    unless: str = ""  # a property that, when true, leaves nothing
    taken: str = "ResourceAlreadyExists"  # AWS's code when something of that name is kept already
    why: str = ""


@dataclass(frozen=True)
class SameVpc:
    """References that must lead into one VPC."""

    paths: tuple[str, ...]
    code: str
    peered: bool = False  # whether VPCs that are peered count as one


@dataclass(frozen=True)
class Contents:
    """Contents of a resource, which keep it from being deleted."""

    of: str  # the contents' type
    by: str  # their property that names the resource
    code: str
    unless: str = ""  # a property that, when true, has the contents deleted along with the resource


@dataclass(frozen=True)
class TypeRow:
    """Row of one type."""

    id: Format = ""
    arn: str = ""  # 'service:resource', or whole
    out: Mapping[str, Format] = field(default_factory=dict)  # computed outputs; an input that is given wins
    live: Mapping[str, Format] = field(default_factory=dict)  # outputs computed anew whenever they are read
    also: Mapping[str, str] = field(
        default_factory=dict
    )  # output: kind of the resource that AWS makes with it
    fixed: tuple[str, ...] = ()  # inputs that AWS can't change in place
    name: AutoName | None = None
    defaults: Mapping[str, Format] = field(default_factory=dict)  # inputs that check adds
    steady: str = ""  # an input that, as long as it stays the same, lets the fixed ones change in place
    back: Mapping[str, Any] = field(
        default_factory=dict
    )  # input: how it differs when read back; `read_back.py`
    watch: tuple[str, ...] = ()  # inputs that count as removed when only the recorded state has them
    kind: str = ""  # its name in references
    lost: str = "ResourceNotFoundException"  # AWS's code when a reference to it leads nowhere
    inuse: str = "DependencyViolation"  # AWS's code when it is deleted in use
    holders: tuple[str, ...] | None = None  # types whose references keep it from being deleted, if not all do
    builtin: tuple[str, ...] = ()  # beginnings of names that exist without having been made
    refs: Mapping[str, str] = field(default_factory=dict)  # path: kind|kind; see below
    unique: Mapping[str, str] = field(default_factory=dict)  # path+path: region, account or global
    taken: str = "ResourceAlreadyExists"  # AWS's code for a second one
    put: str = ""  # botocore's service.Operation that creates it, if that also writes over one which is there
    lock: str = ""  # a path that, when true, forbids deletion
    locked: str = "OperationNotPermitted"
    keep: RetainedCopy | None = None
    refuse: tuple[Refusal, ...] = ()
    open: tuple[str, ...] = ()  # inputs that take more than the values which the SDK lists
    syntax: Mapping[str, str] = field(default_factory=dict)  # path: notation of syntax.yaml
    vpc: str = "vpcId"  # path+path of the VPCs that it is in
    together: tuple[SameVpc, ...] = ()
    principals: Mapping[str, str] = field(
        default_factory=dict
    )  # path of a policy: AWS's code for a stranger in it
    contents: Contents | None = None
    known: bool = True  # whether the table has a row for it

    # A reference's kind may end in `*`, which means in any region, in `@us-east-1`, which means there, in
    # `@.region`, which means in the one that the property beside it says, and in `~`, which means that it must
    # exist when it is named but may be deleted later.


class TableError(Exception):
    """Row with a column that the type table doesn't have."""


_COLUMNS: Final = {column.name for column in fields(TypeRow)} - {"known"}


def parse_row(token: str, written: Mapping[str, Any] | None) -> dict[str, Any]:
    """Parses the columns of a row. Raises TableError for one that the table doesn't have."""
    columns = dict(written or {})
    if unknown := columns.keys() - _COLUMNS:
        raise TableError(f"types.yaml: {token}: there is no column {sorted(unknown)[0]}")
    for column in ("fixed", "watch", "builtin", "open", "holders"):
        if column in columns:
            columns[column] = tuple(columns[column])
    if isinstance(columns.get("name"), dict):
        columns["name"] = AutoName(**columns["name"])
    if isinstance(columns.get("keep"), dict):
        columns["keep"] = RetainedCopy(**columns["keep"])
    if "contents" in columns:
        columns["contents"] = Contents(**columns["contents"])
    if "together" in columns:
        columns["together"] = tuple(
            SameVpc(**{**one, "paths": tuple(one["paths"])}) for one in columns["together"]
        )
    if "refuse" in columns:
        columns["refuse"] = tuple(_refusal(case) for case in columns["refuse"])
    return columns


def _refusal(written: Mapping[str, Any]) -> Refusal:
    columns: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in written.items()}
    return Refusal(**columns)


def load_yaml(file: Path) -> Any:
    """Reads a data file in YAML."""
    return yaml.load(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def _written() -> dict[str, dict[str, Any]]:
    return {token: parse_row(token, columns) for token, columns in load_yaml(FILE).items()}


@functools.cache
def types_by_kind() -> dict[str, tuple[str, ...]]:
    """Types that a reference of each kind may lead to."""
    found: dict[str, list[str]] = {}
    for token, columns in _written().items():
        if kind := columns.get("kind"):
            found.setdefault(kind, []).append(token)
    return {kind: tuple(tokens) for kind, tokens in found.items()}


def type_row(token: str, schema: Schema | None) -> TypeRow:
    """Row of a type, completed from its schema."""
    written = _written().get(token, {})
    known = TypeRow(**{**written, "known": token in _written()})
    if token.startswith("kubernetes:"):
        own = {
            **written,
            "fixed": (*_OBJECT.fixed, *known.fixed),
            "refs": {**_OBJECT.refs, **known.refs},
            "known": known.known,
        }
        return replace(_OBJECT, **own)
    return known if schema is None else _completed(token, known, schema, named="name" in written)


_OBJECT: Final = TypeRow(
    id={
        "when": "metadata.namespace",
        "then": "{metadata.namespace}/{metadata.name}",
        "else": "{metadata.name}",
    },
    name=AutoName("metadata.name", 63, "lower"),
    out={
        "metadata": {
            "uid": "{uuid}",
            "resourceVersion": "{digits:6}",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
    },
    fixed=("apiVersion", "kind", "metadata.name", "metadata.namespace"),
    refs={"metadata.namespace": "namespace~"},  # what is in a namespace goes with it
    taken="AlreadyExists",
    lost="NotFound",
)


def _completed(token: str, known: TypeRow, schema: Schema, named: bool) -> TypeRow:
    inputs = schema.inputs.properties
    service, kind = _words(token)
    naming = known.name
    if not named and inputs.get("name") == "string" and "name" not in schema.inputs.required:
        naming = AutoName("name")
    has_name = naming is not None or "name" in schema.inputs.required
    arn = known.arn
    if not arn and "arn" in schema.outputs and "arn" not in inputs:
        arn = f"{service}:{kind}/{{id}}"
    id_ = known.id or (f"{{{naming.of if naming else 'name'}}}" if has_name else f"{kind}-{{hex:17}}")
    return replace(
        known,
        id=id_,
        arn=arn,
        name=naming,
        fixed=(*known.fixed, *schema.pinned),
        syntax={**_ids(known.refs), **dict.fromkeys(known.principals, "policy"), **known.syntax},
    )


def _ids(refs: Mapping[str, str]) -> dict[str, str]:
    """Notations of references to resources whose ids have a form: `id subnet` of `subnet-{hex:17}`."""
    found: dict[str, str] = {}
    for path, kind in refs.items():
        words = [_beginnings(name) for name in re.split(r"[*~@]", kind)[0].split("|")]
        if all(words):
            found[path] = " ".join(["id", *(word for some in words for word in some)])
    return found


@functools.cache
def _beginnings(kind: str) -> tuple[str, ...]:
    """Prefixes of the ids of a kind, and the names that AWS takes in their place; none if ids have no form."""
    lines = [_written()[token] for token in types_by_kind().get(kind, ())]
    forms = [re.fullmatch(r"([a-z-]+)-\{hex:17\}", str(one.get("id"))) for one in lines]
    own = [form[1] for form in forms if form]
    return (*own, *(f"{name}*" for one in lines for name in one.get("builtin", ()))) if own else ()


def _words(token: str) -> tuple[str, str]:
    _, module, name = token.split(":")
    return module.split("/")[0], re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()
