"""Coverage: how much the cloud knows of a type, beyond that the SDK declares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rehearsal.cloud.types.schema import Schema
from rehearsal.cloud.types.syntax import syntax_of_name
from rehearsal.cloud.types.type_table import TypeRow

BY_LINE: Final = "line"
BY_PACKAGE: Final = "package"  # as all Kubernetes objects are known
BY_SDK: Final = "SDK only"


@dataclass(frozen=True)
class Coverage:
    """How a type is known, and how many of its properties, or cases of it, each kind of knowledge speaks of."""

    by: str
    formats: int  # inputs whose texts or numbers have a form
    references: int
    unique: int  # names of which there can be one
    immutable: int
    computed: int  # outputs that are worked out
    refusals: int  # cases in which AWS says no, beyond all that


def coverage(token: str, about: TypeRow, schema: Schema | None) -> Coverage:
    """What is known of a type."""
    by = BY_LINE if about.known else BY_PACKAGE if token.startswith("kubernetes:") else BY_SDK
    inputs = {} if schema is None else schema.inputs.properties
    return Coverage(
        by=by,
        formats=len({*about.syntax, *(name for name in inputs if syntax_of_name(name) is not None)}),
        references=len(about.refs),
        unique=len({*about.unique, *([about.name.of] if about.name else [])}),
        immutable=len({*about.fixed}),
        computed=len([name for name in {*about.out, *about.live} if not name.startswith("__")])
        + bool(about.arn),
        refusals=len(about.refuse)
        + len(about.together)
        + len(about.principals)
        + bool(about.lock)
        + (about.contents is not None),
    )
