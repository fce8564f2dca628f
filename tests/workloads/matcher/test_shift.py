"""One run of the relay, with a clock of the test's own."""

from __future__ import annotations

from typing import Any, cast

from workloads.matcher.relay import Relay
from workloads.matcher.shift import PATIENCE_SECONDS, WORK_SECONDS, shift


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


class Scripted:
    """A relay whose every round takes a second and comes to the same."""

    def __init__(self, clock: Clock, batches: int | None) -> None:
        self._clock, self._batches = clock, batches
        self.did: list[str] = []

    def round(self) -> int | None:
        self._clock.now += 1
        return self._batches

    def prune(self) -> int:
        self.did.append("prune")
        return 0

    def release(self) -> None:
        self.did.append("release")


def run(batches: int | None) -> tuple[int, float, list[str]]:
    clock = Clock()
    relay = Scripted(clock, batches)
    told = shift(cast("Relay", cast("Any", relay)), clock)
    return told, clock.now, relay.did


def test_a_run_that_always_has_something_to_tell_forgets_old_batches_once_and_hands_over() -> None:
    assert run(10) == (10 * WORK_SECONDS, WORK_SECONDS, ["prune", "release"])


def test_a_run_with_nothing_to_tell_does_so_too() -> None:
    told, _, did = run(0)
    assert (told, did) == (0, ["prune", "release"])


def test_a_run_without_the_lease_ends_and_touches_nothing() -> None:
    told, ended, did = run(None)
    assert (told, did) == (0, [])
    assert PATIENCE_SECONDS < ended < WORK_SECONDS
