"""Duel: the same acts on both engines, until an observation differs.

The CLI's observations are kept on disk: it does the same every time, and it is what takes long. They are found by the
acts up to there and by the sources of all that they come from.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rehearsal.engine.processes.forkserver import ForkServer
from tests.engine.duel import stage
from tests.engine.duel.observation import Observation, differences
from tests.engine.duel.stage import Act, Stage
from tests.root import ROOT

KEPT: Final = ROOT / ".cache" / "duel"
_SOURCES: Final = (
    "rehearsal/cloud",
    "rehearsal/judges",
    "rehearsal/provider.py",
    "rehearsal/cli_*.py",
    "tests/engine/duel",
)


@dataclass(frozen=True)
class Difference:
    """Difference between the engines: the acts up to it, and what was observed after each; only the last differs."""

    acts: tuple[Act, ...]
    embedded: tuple[Observation, ...]
    cli: tuple[Observation, ...]

    @property
    def lines(self) -> list[str]:
        """Lines that say what differs: the embedded engine's before the CLI's."""
        return differences(self.embedded[-1], self.cli[-1])

    @property
    def kind(self) -> str:
        """Kind of the difference: the same for those that are probably one."""
        operation = self.acts[-1].operation
        names = {re.sub(r"\[.*|:.*", "", line.split(":: ")[0])[:6] for line in self.lines}
        return f"{operation} {' '.join(sorted(names))}"

    def __str__(self) -> str:
        shown, before = [], ""
        for act in self.acts:
            text = " (same program)" if act.program == before else "\n" + act.program
            shown.append(f"--- {act.operation} {' '.join(act.refused)}{text}")
            before = act.program
        return "\n".join(["", *shown, "--- differs, embedded | CLI:", *self.lines])


def difference(acts: Sequence[Act], folder: Path, server: ForkServer) -> Difference | None:
    """First difference between the engines in a row of acts; None if there is none."""
    mine: list[Observation] = []
    theirs: list[Observation] = []
    with (
        stage.embedded(folder / "embedded", server) as opened,
        closing(_by_cli(acts, folder / "cli", server)) as observed,
    ):
        for act, other in zip(acts, observed, strict=True):
            mine.append(opened.play(act))
            theirs.append(other)
            if differences(mine[-1], other):
                return Difference(tuple(acts[: len(mine)]), tuple(mine), tuple(theirs))
    return None


def _by_cli(acts: Sequence[Act], folder: Path, server: ForkServer) -> Generator[Observation]:
    with ExitStack() as open_:
        opened: Stage | None = None
        for number, act in enumerate(acts, 1):
            file = KEPT / f"{_digest(acts[:number])}.json"
            if opened is None and file.exists():
                yield json.loads(file.read_text())
                continue
            if opened is None:
                opened = open_.enter_context(stage.cli(folder, server))
                for before in acts[: number - 1]:
                    opened.play(before)
            observed = opened.play(act)
            KEPT.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(observed))
            yield observed


def _digest(acts: Sequence[Act]) -> str:
    text = json.dumps([asdict(act) for act in acts])
    return hashlib.sha256(f"{_sources()} {text}".encode()).hexdigest()[:32]


@functools.cache
def _sources() -> str:
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for found in sorted(ROOT.glob(pattern)):
            for file in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
                if file.name not in ("generator.py", "rendering.py", "programs.py", "duel.py"):
                    digest.update(file.read_bytes())
    return digest.hexdigest()
