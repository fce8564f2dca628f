"""Runs of the relay, by a clock of the tests' own."""

from __future__ import annotations

from typing import Any, cast

from workloads.matcher.relay.relay import Relay
from workloads.matcher.relay.run import LEASE_WAIT_SECONDS, RUN_SECONDS, run_relay


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


class Scripted:
    """Relay whose every call takes a second and returns the same."""

    def __init__(self, clock: Clock, batches: int | None) -> None:
        self._clock, self._batches = clock, batches
        self.calls: list[str] = []

    def relay_outbox(self) -> int | None:
        self._clock.now += 1
        return self._batches

    def prune_batches(self) -> int:
        self.calls.append("prune")
        return 0

    def release_lease(self) -> None:
        self.calls.append("release")


def run(batches: int | None) -> tuple[int, float, list[str]]:
    clock = Clock()
    relay = Scripted(clock, batches)
    published = run_relay(cast("Relay", cast("Any", relay)), clock)
    return published, clock.now, relay.calls


def test_a_run_that_always_has_something_to_tell_forgets_old_batches_once_and_hands_over() -> None:
    assert run(10) == (10 * RUN_SECONDS, RUN_SECONDS, ["prune", "release"])


def test_a_run_with_nothing_to_tell_does_so_too() -> None:
    published, _, calls = run(0)
    assert (published, calls) == (0, ["prune", "release"])


def test_a_run_without_the_lease_ends_and_touches_nothing() -> None:
    published, ended, calls = run(None)
    assert (published, calls) == (0, [])
    assert LEASE_WAIT_SECONDS < ended < RUN_SECONDS
