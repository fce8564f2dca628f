"""Coverage of a resource type: how much the cloud knows of it beyond the SDK's declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rehearsal.cloud.types.schema import Schema
from rehearsal.cloud.types.syntax import syntax_of_name
from rehearsal.cloud.types.type_table import TypeRow

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
