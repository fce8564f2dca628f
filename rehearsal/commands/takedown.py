"""Takedown of a whole platform: the order of the stacks, and the config that each of them has meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rehearsal.project import Project


def takedown_order(project: Project, stacks: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Stacks in the order in which each is retired and then destroyed, with the config that the project has by then.

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
    config_of_cells = {"cells": leaving, "vaults": vaults}
    alone = {"cells": [cells[birth]], "ledgerMembers": [birth], "cacheMembers": [birth], "vaults": vaults}
    for stack in reversed(stacks):
        if stack == birth:
            continue
        yield stack, _config(prefix, config_of_cells) if stack in cells else {}
    yield birth, _config(prefix, alone)


def _config(prefix: str, facts: dict[str, list[Any]]) -> dict[str, str]:
    return {f"{prefix}{key}": json.dumps(value) for key, value in facts.items()}
