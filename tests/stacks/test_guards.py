"""Whatever holds data is protected twice: by Pulumi, and by AWS as `guards.yaml` says for its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.cloud.types.formats import value_at
from rehearsal.cloud.types.schema import Schemas
from rehearsal.cloud.types.type_table import type_row
from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from tests.rehearsal.cloud.types.test_type_table import exists
from tests.stacks.platform import ROOT, Platform

TABLE = yaml.safe_load((Path(__file__).parent / "guards.yaml").read_text())
STATEFUL: Mapping[str, Mapping[str, Any]] = TABLE["stateful"]
HELD: list[str] = [type_ for types in TABLE["held"].values() for type_ in types]
STATELESS: list[str] = [type_ for types in TABLE["stateless"].values() for type_ in types]


def made(platform: Platform) -> Iterator[Resource]:
    """What the stacks make in the cloud."""
    for _, resource in platform.resources():
        if resource.custom and not resource.is_provider and resource.type != urns.REFERENCE_TYPE:
            yield resource


def stateful(platform: Platform) -> list[Resource]:
    return [resource for resource in made(platform) if resource.type in STATEFUL]


def satisfied(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) and wanted.startswith(">="):
        return isinstance(value, (int, float)) and value >= float(wanted[2:])
    return value == wanted


def test_every_type_of_the_program_is_said_to_hold_data_or_not(platform: Platform) -> None:
    assert {resource.type for resource in made(platform)} - STATEFUL.keys() - set(STATELESS) == set()


def test_no_type_is_listed_twice() -> None:
    listed = [*STATEFUL, *STATELESS]
    assert sorted(listed) == sorted(set(listed))


def test_every_stateful_type_has_a_guard_or_the_reason_why_there_is_none() -> None:
    for type_, guard in STATEFUL.items():
        assert set(guard) <= {"inputs", "beside"} or (set(guard) == {"none"} and guard["none"]), type_
        assert guard, type_


@pytest.mark.parametrize("type_", [each for each in (*STATEFUL, *STATELESS) if each.startswith("aws:")])
def test_the_table_names_only_what_the_sdk_has(type_: str) -> None:
    schemas = Schemas(ROOT / ".cache" / "schema")
    schema = schemas.of(type_)
    assert schema is not None
    guard = STATEFUL.get(type_, {})
    assert [path for path in guard.get("inputs", {}) if not exists(path, schema.inputs, schema)] == []
    for other, by in guard.get("beside", {}).items():
        beside = schemas.of(other)
        assert beside is not None
        assert by in beside.inputs.properties


def test_everything_that_holds_data_is_protected_by_pulumi(platform: Platform) -> None:
    found = stateful(platform)
    assert len(found) > 20
    assert [resource.urn for resource in found if not resource.protect] == []


def test_nothing_else_is_protected(platform: Platform) -> None:
    """What is protected by mistake keeps a cell from leaving."""
    assert [it.urn for it in made(platform) if it.protect and it.type not in {*STATEFUL, *HELD}] == []
    assert sorted(set(HELD) - {it.type for it in made(platform) if it.protect}) == []


def test_what_aws_guards_against_deletion_is_protected_by_pulumi(platform: Platform) -> None:
    """Else its replacement is refused when the new one is there already."""
    schemas = Schemas(ROOT / ".cache" / "schema")
    locks = {it.type: type_row(it.type, schemas.of(it.type)).lock for it in made(platform)}
    locked = [it for it in made(platform) if locks[it.type] and value_at(it.inputs, locks[it.type]) is True]
    assert {"aws:eks/cluster:Cluster", "aws:lb/loadBalancer:LoadBalancer"} <= {it.type for it in locked}
    assert [it.urn for it in locked if not it.protect] == []


def test_everything_that_holds_data_says_to_aws_what_guards_it(platform: Platform) -> None:
    unguarded = [
        f"{resource.urn} {path}: {value_at(resource.inputs, path)}, not {wanted}"
        for resource in stateful(platform)
        for path, wanted in STATEFUL[resource.type].get("inputs", {}).items()
        if not satisfied(value_at(resource.inputs, path), wanted)
    ]
    assert unguarded == []


def test_everything_that_holds_data_has_beside_it_what_guards_it(platform: Platform) -> None:
    unguarded: list[str] = []
    for resource in stateful(platform):
        names = {resource.id, resource.outputs.get("name"), resource.outputs.get("arn")}
        for other, by in STATEFUL[resource.type].get("beside", {}).items():
            if not any(beside.inputs.get(by) in names for beside in platform.of(other)):
                unguarded.append(f"{resource.urn}: no {other} names it")
    assert unguarded == []
