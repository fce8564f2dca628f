"""Duel of both engines on random stories: `make duel` plays DUEL of them; SEED repeats a run."""

from __future__ import annotations

import os

import pytest

from rehearsal.engine.processes.forkserver import ForkServer
from tests.effort import SEED
from tests.engine.duel import cases, seeded
from tests.engine.duel.duel import KEPT

COUNT = int(os.environ.get("DUEL", "3"))


@pytest.mark.engine
@pytest.mark.parametrize("number", range(COUNT))
def test_both_engines_do_the_same(number: int, duel_server: ForkServer) -> None:
    found = seeded.shrunk_difference(SEED, number, duel_server)
    if found is not None:
        # As a case it needs only a name, in the folder of the cases.
        cases.write(KEPT / "found" / f"{SEED}-{number}.yaml", found.acts, found.cli)
        pytest.fail(str(found), pytrace=False)
