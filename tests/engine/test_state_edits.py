"""State edits: our commands refuse and change the same as the Pulumi CLI's, on the same records.

What the CLI did is kept as data. `make record-engine` records it anew, with the Pulumi CLI on PATH.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rehearsal.cloud import baseline
from rehearsal.commands.cli import app
from rehearsal.engine import export, records
from rehearsal.engine.state_edits import exported
from rehearsal.engine.state_edits.commit import commit
from rehearsal.state.store import Store
from tests.engine.state_edits import CASES, Entry, PulumiCli, export_of, outcome

RECORDED = Path(__file__).parent / "recorded" / "state_edits.json"
RECORD = os.environ.get("RECORD") == "engine"


class Ours:
    """Our command line, over a state folder."""

    def __init__(self, folder: Path) -> None:
        (folder / "Pulumi.yaml").write_text("name: lab\nruntime: python\n")
        for stack in ("dev", "next"):
            (folder / f"Pulumi.{stack}.yaml").write_text("config:\n  aws:region: us-east-1\n")
        self._folder = folder

    def put(self, stack: str, entries: Sequence[Entry]) -> None:
        store = self._store()
        with store.change():
            commit(store, stack, [], exported.read(export_of(entries)), {})

    def run(self, arguments: Sequence[str], text: str) -> tuple[int, str]:
        own = ["-C", str(self._folder), "--state", str(self._folder / "state")]
        done = CliRunner().invoke(app, [*own, *arguments], input=text)
        return done.exit_code, done.output

    def entries(self, stack: str) -> list[Entry]:
        resources = [records.from_record(record) for record in self._store().state(stack).values()]
        return export.deployment(resources)["deployment"]["resources"]

    def _store(self) -> Store:
        return Store(self._folder / "state", baseline.resources())


def recorded() -> dict[str, Any]:
    return json.loads(RECORDED.read_text())


@pytest.mark.parametrize("name", CASES)
def test_a_state_edit_does_what_the_cli_did(tmp_path: Path, name: str) -> None:
    assert outcome(CASES[name], Ours(tmp_path)) == recorded()[name]


@pytest.mark.engine
def test_the_cli_still_does_what_is_recorded(tmp_path: Path) -> None:
    line = PulumiCli(tmp_path)
    found = {name: outcome(case, line) for name, case in CASES.items()}
    if RECORD:
        cases = ",\n".join(f"{json.dumps(name)}: {json.dumps(it)}" for name, it in found.items())
        RECORDED.write_text(f"{{\n{cases}\n}}\n")
    assert found == recorded()
