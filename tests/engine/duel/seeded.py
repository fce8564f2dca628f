"""Seeded stories: each has a number, and is the same whenever it is drawn with the same seed.

Hypothesis tries the simplest story first, in which nothing happens, and then a random one, which it shrinks if the
engines differ in it, as long as they differ in the same way.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Never

from hypothesis import HealthCheck, Phase, given, seed, settings

from rehearsal.engine.processes.forkserver import ForkServer
from tests.engine.duel import generator, rendering
from tests.engine.duel.duel import Difference, difference
from tests.engine.duel.generator import Story
from tests.engine.duel.stage import Act

_SHRINKING: Final = 120.0  # seconds


class _DifferError(Exception):
    """The engines differ, as hypothesis has to be told."""


def story(seed_: str, number: int) -> Story:
    """Random story of a number."""
    drawn: list[Story] = []
    _run(drawn.append, seed_, number, (Phase.generate,))
    return drawn[-1]


def acts(story: Story) -> tuple[Act, ...]:
    """Acts of a story."""
    return tuple(
        Act(operation=chapter.operation, program=rendering.body(chapter.program), refused=chapter.refused)
        for chapter in story
    )


def shrunk_difference(seed_: str, number: int, server: ForkServer) -> Difference | None:
    """Difference between the engines in the story of a number, shrunk; None if there is none."""
    found: dict[tuple[Act, ...], Difference] = {}
    until = 0.0

    def try_(story: Story) -> None:
        nonlocal until
        played = acts(story)
        if played in found:
            _differ()
        if found and time.monotonic() > until:
            return
        with tempfile.TemporaryDirectory() as folder:
            differs = difference(played, Path(folder), server)
        if differs is None or (found and differs.kind != next(iter(found.values())).kind):
            return
        until = until or time.monotonic() + _SHRINKING
        found[played] = differs
        _differ()

    try:
        _run(try_, seed_, number, (Phase.generate, Phase.shrink))
    except _DifferError:
        return list(found.values())[-1]
    return None


def _differ() -> Never:
    raise _DifferError


def _run(try_: Callable[[Story], None], seed_: str, number: int, phases: tuple[Phase, ...]) -> None:
    """Has hypothesis try the simplest story, and the random one of the number."""

    @seed(f"{seed_} {number}")
    @settings(
        max_examples=2,
        phases=phases,
        database=None,
        deadline=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
        print_blob=False,
    )
    @given(generator.stories())
    def tried(story: Story) -> None:
        try_(story)

    tried()
