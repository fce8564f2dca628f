"""Recorded cases: the embedded engine does what the CLI's did, wherever they differed once.

`make record-duel` records them anew, with the Pulumi CLI on PATH: after a change of what is observed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rehearsal.engine.processes.forkserver import ForkServer
from tests.engine.duel import cases, stage
from tests.engine.duel.observation import differences

RECORD = os.environ.get("RECORD") == "duel"
each_case = pytest.mark.parametrize("file", sorted(cases.FOLDER.glob("*.yaml")), ids=lambda file: file.stem)


@each_case
def test_the_embedded_engine_does_what_the_cli_did(file: Path, tmp_path: Path, server: ForkServer) -> None:
    with stage.embedded(tmp_path, server) as opened:
        for act, observed in cases.read(file):
            mine = opened.play(act)
            assert differences({key: mine[key] for key in observed}, observed) == [], act


@pytest.mark.engine
@each_case
def test_the_cli_still_does_what_is_recorded(file: Path, tmp_path: Path, duel_server: ForkServer) -> None:
    with stage.cli(tmp_path, duel_server) as opened:
        case = cases.read(file)
        done = [opened.play(act) for act, _ in case]
        if RECORD:
            cases.write(file, [act for act, _ in case], done)
        for (act, observed), theirs in zip(cases.read(file), done, strict=True):
            assert differences({key: theirs[key] for key in observed}, observed) == [], act
