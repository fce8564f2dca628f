"""One run of the relay: it works for a minute, and hands over to the next run, which has begun by then."""

from __future__ import annotations

import time
from typing import Protocol

from workloads.matcher.relay import Relay

WORK_SECONDS = 65  # a run begins every 60: so there is no gap between them
IDLE_SECONDS = 0.2  # when nothing waits
PATIENCE_SECONDS = 20  # longer than a dead relay's lease


class Clock(Protocol):
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float, /) -> None: ...


def shift(relay: Relay, clock: Clock = time) -> int:
    """Tells what waits, again and again, and gives how many batches that were.

    A run that doesn't get the lease waits for the one before it, and ends if the relay is another cell's. What it
    gets under way it ends, however long that takes: to compare all projections with the ledger may take minutes.
    """
    begun = clock.monotonic()
    told, without_since = 0, begun
    pruned = False
    while clock.monotonic() - begun < WORK_SECONDS:
        batches = relay.round()
        if batches is None:
            if clock.monotonic() - without_since > PATIENCE_SECONDS:
                return told
            clock.sleep(1)
            continue
        without_since = clock.monotonic()
        told += batches
        if not pruned:  # once a run, also in one that always has something to tell
            relay.prune()
            pruned = True
        if not batches:
            clock.sleep(IDLE_SECONDS)
    relay.release()
    return told
