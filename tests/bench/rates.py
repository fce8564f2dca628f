"""Benchmark of the embedded engine: resources a second, and the seconds of the whole of `make rehearse`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.engine.operations import Engine
from rehearsal.release import release
from tests.bench.lifecycle import passed
from tests.bench.platforms import pack, platform
from tests.stacks.platform import engine


@dataclass(frozen=True)
class Figures:
    """Seconds of one platform, in all its stacks together."""

    cells: int
    resources: int
    bare: float  # updates without policies
    judged: float  # updates with policies
    whole: float  # preview and update with policies: from nothing, with images, and once more

    @property
    def per_resource(self) -> float:
        """Milliseconds of `whole` for one resource in one of its six runs."""
        return self.whole / (6 * self.resources) * 1000


def measured(cells: int, folder: Path) -> Figures:
    """Figures of one platform."""
    program = platform(folder / "program", cells)
    with engine(folder / "bare", program, warm=False) as opened:
        bare, _ = updated(opened, opened.stacks(), preview=False)
    began = time.monotonic()
    with engine(folder / "judged", program, pack(folder, cells), warm=False) as opened:
        stacks = opened.stacks()
        judged, _ = updated(opened, stacks, preview=True)
        release(opened)
        _, resources = updated(opened, stacks, preview=True)
        updated(opened, stacks, preview=True)
        opened.platform(stacks)
    return Figures(cells, resources, bare, judged, time.monotonic() - began)


def updated(opened: Engine, stacks: Sequence[str], preview: bool) -> tuple[float, int]:
    """Seconds and resources of an update of all stacks, each after its preview if that is wanted."""
    seconds, resources = 0.0, 0
    for stack in stacks:
        config = opened.project.config(stack, {})
        if preview:
            passed(opened.preview(stack, config))
        result = passed(opened.update(stack, config))
        seconds += result.seconds
        resources += len(result.resources)
    return seconds, resources
