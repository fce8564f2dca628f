"""Registry of the drills, by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Final

from rehearsal.drills import (
    cache,
    cells,
    drift,
    health,
    ledger,
    pairs,
    region_loss,
    restored,
    secrets,
    tables,
)
from rehearsal.drills.drill import Drill
from rehearsal.engine.events import FailedError

DRILLS: Final[Mapping[str, Drill]] = {
    drill.name: drill
    for drill in (
        *ledger.DRILLS,
        *cache.DRILLS,
        *region_loss.DRILLS,
        *drift.DRILLS,
        *health.DRILLS,
        *restored.DRILLS,
        *secrets.DRILLS,
        *tables.DRILLS,
        *cells.DRILLS,
        *pairs.DRILLS,
    )
}


def find(name: str) -> Drill:
    """Finds a drill by its name. Raises FailedError if there is none."""
    if name in DRILLS:
        return DRILLS[name]
    near = difflib.get_close_matches(name, DRILLS, n=1)
    raise FailedError(
        f"no drill is called {name}; " + (f"is it {near[0]}?" if near else "see `drill --list`")
    )
