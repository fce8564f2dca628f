"""Run of the relay's Lambda: publishes for 65 seconds, then leaves the lease to the next run, which has begun."""

from __future__ import annotations

import time
from typing import Protocol

from workloads.matcher.relay.relay import Relay

RUN_SECONDS = 65  # a run begins every 60, so there is no gap between them
POLL_INTERVAL_SECONDS = 0.2  # while the outbox is empty
LEASE_WAIT_SECONDS = 20  # longer than the lease of a relay that has crashed


class Clock(Protocol):
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float, /) -> None: ...


def run_relay(relay: Relay, clock: Clock = time) -> int:
    """Publishes the outbox again and again, and returns the number of batches.

    A run without the lease waits for the run before it, and ends if another cell has the relay. A call that has begun
    is finished, however long it takes: a reconciliation may take minutes.
    """
    started = clock.monotonic()
    published, without_since = 0, started
    pruned = False
    while clock.monotonic() - started < RUN_SECONDS:
        batches = relay.relay_outbox()
        if batches is None:
            if clock.monotonic() - without_since > LEASE_WAIT_SECONDS:
                return published
            clock.sleep(1)
            continue
        without_since = clock.monotonic()
        published += batches
        if not pruned:  # once a run, also in one whose outbox is never empty
            relay.prune_batches()
            pruned = True
        if not batches:
            clock.sleep(POLL_INTERVAL_SECONDS)
    relay.release_lease()
    return published
