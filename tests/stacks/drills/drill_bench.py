"""A bench for drills on the committed program: brought up once, and each drill spoils a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.drills.drill import Stage
from rehearsal.drills.judge import Finding
from rehearsal.drills.registry import DRILLS
from rehearsal.drills.runner import JudgedScene, play
from rehearsal.engine import urns
from rehearsal.engine.operations import Engine
from tests.stacks.platform import ROOT, engine


@dataclass
class DrillBench:
    """Plays drills, by this program or another, on copies of a platform that is up."""

    folder: Path
    _copies: int = field(default=0)

    @property
    def platform_state(self) -> Path:
        """The state folder of the platform that stays as it is."""
        return self.folder / "platform_state"

    def play(
        self,
        name: str,
        argument: str = "",
        stacks: Sequence[str] = (),
        program: Path = ROOT,
        enough: Callable[[JudgedScene], bool] = lambda _: False,
    ) -> tuple[Engine, list[JudgedScene]]:
        """The scenes of a drill, refreshed and previewed in these stacks, or in all; and what it has left.

        The scene that is `enough` is the last one.
        """
        self._copies += 1
        state = self.folder / str(self._copies)
        shutil.copytree(self.platform_state, state)
        with engine(state, program) as opened:
            up = opened.stacks()
            stage = Stage(opened, up, stacks or up, argument)
            scenes: list[JudgedScene] = []
            for scene in play(DRILLS[name], stage, lambda *_: nullcontext()):
                scenes.append(scene)
                if enough(scene):
                    break
            return opened, scenes


def bench_on(platform_state: Path, folder: Path) -> DrillBench:
    """A field of its own, on a copy of a platform that is up."""
    made = DrillBench(folder)
    shutil.copytree(platform_state, made.platform_state)
    return made


def findings(scenes: Sequence[JudgedScene]) -> list[tuple[str, str, str]]:
    """What was found wrong, as kind, name of the resource, and words."""
    found: list[Finding] = [finding for scene in scenes for finding in scene.findings]
    return [(it.kind, urns.name_of(it.urn) if it.urn else it.stack, it.detail) for it in found]
