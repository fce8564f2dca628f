"""How a whole platform is taken down: the sequence that the README gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rehearsal.project import Project


def takedown_order(project: Project, stacks: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each stack to retire and then to destroy, with the config that the project has by then.

    `stacks` are all of them, in the order in which they read each other. The stack that is no cell goes first,
    then the joining cells, each marked as leaving, the last of the list first; the birth cell goes alone. The joining
    cells' regions are vaults meanwhile, so that what other cells keep there is retired with those.
    """
    prefix = f"{project.name}:"
    facts = {key.removeprefix(prefix): text for key, text in project.defaults().items()}
    cells = {cell["name"]: cell for cell in json.loads(facts["cells"])}
    birth = facts["birthCell"]
    leaving = [cell if name == birth else {**cell, "leaving": True} for name, cell in cells.items()]
    joined = [cell["region"] for name, cell in cells.items() if name != birth]
    vaults = [*json.loads(facts.get("vaults", "[]")), *joined]
    going = {"cells": leaving, "vaults": vaults}
    alone = {"cells": [cells[birth]], "ledgerMembers": [birth], "cacheMembers": [birth], "vaults": vaults}
    for stack in reversed(stacks):
        if stack == birth:
            continue
        yield stack, _written(prefix, going) if stack in cells else {}
    yield birth, _written(prefix, alone)


def _written(prefix: str, facts: dict[str, list[Any]]) -> dict[str, str]:
    return {f"{prefix}{key}": json.dumps(value) for key, value in facts.items()}
