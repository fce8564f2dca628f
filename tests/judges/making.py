"""Making of the digest: the inputs of all types that the rehearsal's table knows, with what each judge says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from rehearsal.cloud.types.schema import Schema, Schemas
from rehearsal.cloud.types.type_table import FILE as TYPES
from rehearsal.cloud.types.type_table import load_yaml
from tests.judges.counterparts import mapping, places_of, resource_of
from tests.judges.members import found_members, leaves
from tests.judges.nodes import BOTOCORE, CFN_LINT, Bound, Node
from tests.judges.resource_schemas import extension, regions_without, schema_date
from tests.judges.service_models import documentation_hash, regions
from tests.root import ROOT

SCHEMAS: Final = Schemas(ROOT / ".cache" / "schema")


def tokens() -> list[str]:
    """Types of which the judges are asked."""
    return sorted(token for token in load_yaml(TYPES) if token.startswith("aws:"))


def made(date: str, asked: Sequence[str]) -> dict[str, Any]:
    """The digest of today's packages for some types, dated."""
    bounds = _Bounds()
    types = {token: _type(SCHEMAS.of(token), bounds) for token in asked}
    return {
        "made": date,
        "sources": sources(),
        "regions": regions(),
        "bounds": bounds.all,
        "types": types,
    }


def written(digest: Mapping[str, Any]) -> str:
    """The digest as its file has it: a line for each type, so that a change can be read."""
    lines = [f"{json.dumps(name)}: {json.dumps(digest[name])}," for name in ("made", "sources", "regions")]
    bounds = ",\n".join(json.dumps(bound) for bound in digest["bounds"])
    types = ",\n".join(f"{json.dumps(token)}: {json.dumps(one)}" for token, one in digest["types"].items())
    head = "\n".join(lines)
    return f'{{\n{head}\n"bounds": [\n{bounds}\n],\n"types": {{\n{types}\n}}\n}}\n'


def sources() -> dict[str, dict[str, str]]:
    """The judges' packages, with version and date."""
    return {
        BOTOCORE: {"version": version("botocore")},
        CFN_LINT: {"version": version("cfn-lint"), "date": schema_date()},
    }


class _Bounds:
    """Distinct bounds, by number."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Bound]] = []
        self._numbers: dict[str, int] = {}

    def number(self, judge: str, bound: Bound) -> int:
        key = json.dumps([judge, bound], sort_keys=True)
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append((judge, bound))
        return self._numbers[key]


def _type(schema: Schema | None, bounds: _Bounds) -> dict[str, Any]:
    assert schema is not None, "every type of a provider has a schema"
    found = found_members(schema)
    shapes = dict(leaves(schema))
    paths: dict[str, list[int]] = {}
    booleans: list[str] = []
    for path, members in sorted(found.items()):
        if path.endswith("[]"):
            numbers = [
                bounds.number(judge, bound) for judge, node in members.items() if (bound := counted(node))
            ]
            if numbers:
                paths[path] = numbers
        elif shapes.get(path) == "boolean":
            booleans.append(path)
        else:
            own = ((judge, bound_of(schema.token, path, judge, node)) for judge, node in members.items())
            paths[path] = [bounds.number(judge, bound) for judge, bound in own if bound]
    places = {judge: ", ".join(one) for judge, one in places_of(schema.token).items() if one}
    result: dict[str, Any] = {"places": places, "paths": paths, "booleans": booleans}
    if absent := regions_without(resource_of(schema.token)):
        result["absent"] = absent
    if cases := list(_cases(schema.token, bounds)):
        result["cases"] = cases
    return result


def _cases(token: str, bounds: _Bounds) -> Iterator[dict[str, Any]]:
    """Bounds that depend on other inputs or on the region, as cfn-lint's extensions have them."""
    for line in mapping()["cases"].get(token, ()):
        by_text: dict[str, dict[str, Any]] = {}
        for region, schema in extension(line["from"], by_region=line.get("by_region", False)):
            pairs = (
                sized(schema) if line.get("sizes") else listed(schema, line["property"], line.get("when", {}))
            )
            for when, enum in pairs:
                if "among" in line and not set(when.values()) <= set(line["among"]):
                    continue
                number = bounds.number(CFN_LINT, {"enum": sorted(enum)})
                case = {"path": line["path"], "bound": number, **({"when": when} if when else {})}
                kept = by_text.setdefault(json.dumps(case, sort_keys=True), case)
                if region is not None:
                    kept.setdefault("regions", []).append(region)
        yield from by_text.values()


def listed(
    schema: Mapping[str, Any], name: str, when: Mapping[str, str]
) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Lists of a property's values in a schema: alone, or in cases of other properties' values.

    `when` has the SDK's names of those, by CloudFormation's. A case that needs another property is left out.
    """
    if "enum" in schema:
        yield {}, schema["enum"]
    for case in schema.get("allOf", ()):
        conditions = {
            key: one for key, one in case["if"]["properties"].items() if key != name and one is not False
        }
        enum = case["then"]["properties"].get(name, {}).get("enum")
        if enum and conditions.keys() == when.keys() and all("const" in one for one in conditions.values()):
            yield {when[key]: one["const"] for key, one in conditions.items()}, enum


def sized(schema: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Memory that Fargate has for a task of each cpu, both in plain numbers; memory in gigabytes, too."""
    for pair in schema["then"]["anyOf"]:
        cpu, memory = (pair["properties"][name]["then"] for name in ("Cpu", "Memory"))
        sizes = memory.get("enum") or range(
            memory["minimum"], memory["maximum"] + 1, memory.get("multipleOf", 1)
        )
        spelled = [
            text for size in sizes for text in (str(size), f"{size / 1024:g}GB", f"{size / 1024:g} GB")
        ]
        yield {"requiresCompatibilities": ["FARGATE"], "cpu": cpu["enum"][0]}, spelled


_COUNTS: Final = ("minItems", "maxItems")


def counted(node: Node) -> Bound:
    """Bound of a list's number of items."""
    return {name: value for name, value in node.bound.items() if name in _COUNTS}


def bound_of(token: str, path: str, judge: str, node: Node) -> Bound:
    """Bound of a text or number: the model's, and what its documentation says, where a line has that."""
    if f"{token} {path} {judge}" in mapping()["wrong"]:
        return {}
    bound = {name: value for name, value in node.bound.items() if name not in _COUNTS}
    if judge == BOTOCORE and (text := mapping()["texts"].get(node.where)) is not None:
        bound = {**bound, **{name: value for name, value in text.items() if name != "hash"}}
    return _readable(bound)


def stale_texts() -> Iterator[str]:
    """Lines on documentation that says something else now, or that is gone."""
    for where, line in mapping()["texts"].items():
        if documentation_hash(where) != line["hash"]:
            yield f"{where}: its documentation has the hash {documentation_hash(where)}; read it again"


# Java's and .NET's classes, in the words of `re`; wider by the underscore.
_CLASSES: Final = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{M}": r"\w",
    r"\p{Z}": r"\s",
    r"\p{Zs}": r"\s",
    r"\p{S}": r"$+<=>^`|~",
    r"\p{P}": r"!-/:-@\[-`{-~",
    r"\p{ASCII}": r"\x00-\x7f",
    r"\p{Print}": r"\x20-\x7e",
    r"\p{Graph}": r"\x21-\x7e",
    r"\p{Alnum}": r"a-zA-Z0-9",
    r"\p{IsLetter}": r"\w",
    r"\p{IsPrint}": r"\S ",
    r"\p{Cntrl}": r"\x00-\x1f\x7f",
    "\\uD800\\uDC00-\\uDBFF\\uDFFF": "\U00010000-\U0010ffff",
}


def _replaced(pattern: str, theirs: str, ours: str) -> str:
    """The pattern with another class, in brackets where it stands in none."""
    before, found, after = pattern.partition(theirs)
    if not found:
        return pattern
    opened = len(re.findall(r"(?<!\\)\[", before)) > len(re.findall(r"(?<!\\)\]", before))
    return before + (ours if opened else f"[{ours}]") + _replaced(after, theirs, ours)


def readable(pattern: str) -> str | None:
    """The pattern for Python's `re`; None where it can't be."""
    for theirs, ours in _CLASSES.items():
        pattern = _replaced(pattern, theirs, ours)
    try:
        re.compile(pattern)
    except (re.error, OverflowError):
        return None
    return pattern


def _readable(bound: Bound) -> Bound:
    """The bound with a pattern for `re`, or without one."""
    result = dict(bound)
    if "pattern" in result:
        pattern = readable(result.pop("pattern"))
        if pattern is not None:
            result["pattern"] = pattern
    if "anyOf" in result:
        result["anyOf"] = [_readable(one) for one in result["anyOf"]]
        if not all(result["anyOf"]):
            del result["anyOf"]
    return result
