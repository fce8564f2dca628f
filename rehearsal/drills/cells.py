"""Drill of a cell that leaves: it is retired and destroyed, and the other stacks drop only their references to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.drills.drill import Drill, Scene, Stage, stack_of
from rehearsal.engine import records
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Engine, Result
from rehearsal.values import Value, parts

Config = Mapping[str, str]


def take_down_cell(engine: Engine, cell: str, others: Sequence[str], leaving: Config) -> Iterator[Result]:
    """Takes a cell down, once its entry says `leaving`, and yields each operation. Stops at the first that fails.

    `others` are the other stacks, in the order in which they read each other, the birth cell first. It goes
    last, since the cell's data needs its keys until it is gone.
    """
    birth, *rest = others
    retiring = {**leaving, f"{engine.project.name}:retire": "true"}

    def steps() -> Iterator[Result]:
        for stack in reversed(rest):
            yield engine.update(stack, engine.project.config(stack, leaving))
        yield engine.update(cell, engine.project.config(cell, retiring))
        yield engine.destroy(cell)
        yield engine.update(birth, engine.project.config(birth, leaving))

    for result in steps():
        yield result
        if result.failed:
            return


def cell_leaves(stage: Stage) -> Iterator[Scene]:
    """Takes the last cell of the list down, then deletes its entry."""
    engine = stage.engine
    facts = _facts(engine)
    cells, birth = facts["cells"], facts["birthCell"]
    names = [cell["name"] for cell in cells]
    absent = [stack for stack in engine.stacks() if stack not in stage.stacks]
    if absent:
        raise FailedError(f"cell-leaves needs every stack, and {absent[0]} isn't up")
    if len(cells) < 2 or birth == names[-1]:
        raise FailedError("cell-leaves needs a cell besides the birth cell")
    leaver = cells[-1]
    name = leaver["name"]
    others = [birth, *(stack for stack in stage.stacks if stack not in (name, birth))]
    before = {stack: _referring(engine, stack, _identifiers(leaver, stage.resources)) for stack in others}

    operations: list[tuple[Result, frozenset[str]]] = []
    for result in take_down_cell(engine, name, others, _config(engine, facts | {"cells": _leaving(cells)})):
        own = frozenset(step.urn for step in result.steps)
        operations.append((result, own if result.stack == name else before[result.stack]))
    yield Scene(
        f"{name} was marked as leaving, retired and destroyed, and the other stacks were updated",
        stacks=(),
        operations=tuple(operations),
    )
    gone = {
        key: [it for it in facts[key] if name not in (it, it["name"] if isinstance(it, dict) else it)]
        for key in ("cells", "ledgerMembers", "cacheMembers")
    }
    yield Scene(f"the entry of {name} is deleted", stacks=tuple(others), config=_config(engine, facts | gone))


def _facts(engine: Engine) -> dict[str, Any]:
    prefix = f"{engine.project.name}:"
    found = {key.removeprefix(prefix): value for key, value in engine.project.defaults().items()}
    missing = {"cells", "birthCell", "ledgerMembers", "cacheMembers"} - found.keys()
    if missing:
        raise FailedError(f"cell-leaves needs {prefix}{sorted(missing)[0]} in the `config:` of Pulumi.yaml")
    return {
        "birthCell": found["birthCell"],
        **{key: json.loads(found[key]) for key in ("cells", "ledgerMembers", "cacheMembers")},
    }


def _config(engine: Engine, facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{engine.project.name}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in facts.items()
    }


def _leaving(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*cells[:-1], cells[-1] | {"leaving": True}]


def _identifiers(cell: Mapping[str, Any], resources: Mapping[str, CloudResource]) -> set[str]:
    """Texts by which a value refers to a cell: its name, region and network, and the ids of its resources alone."""
    owned = [resource for resource in resources.values() if resource.urn]
    own = {resource.id for resource in owned if stack_of(resource.urn) == cell["name"]}
    network = cell["cidr"].rsplit(".", 2)[0] + "."  # of a /16
    return {cell["name"], cell["region"], network} | own - {
        resource.id for resource in owned if stack_of(resource.urn) != cell["name"]
    }


def _referring(engine: Engine, stack: str, identifiers: set[str]) -> frozenset[str]:
    """URNs of a stack's resources that refer to the cell, or depend on one that does."""
    found: set[str] = set()
    for resource in records.in_dependency_order(engine.records(stack)):
        values: list[Value] = [resource.name, resource.inputs]
        texts = [part for value in values for part in parts(value) if isinstance(part, str)]
        needs = {urn for urn in resource.dependencies if urn in found}
        if needs or any(identifier in text for text in texts for identifier in identifiers):
            found.add(resource.urn)
    return frozenset(found)


DRILLS = (
    Drill(
        "cell-leaves",
        "The last cell of the list is retired and destroyed; the others drop only what pointed at it.",
        cell_leaves,
        needs_every_stack=True,
    ),
)
