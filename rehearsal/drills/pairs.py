"""Drills in pairs: one thing happens after another, when the roles are no longer those of birth."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.drills import cache, cells, ledger
from rehearsal.drills.drill import Drill, Scene, Stage, stack_of
from rehearsal.engine.events import FailedError
from rehearsal.engine.options import OperationOptions


def promotion_then_leaving(stage: Stage) -> Iterator[Scene]:
    """Promotes a member of the cache, then takes the last cell down, which isn't that member's."""
    yield from cache.promotion(stage)
    yield from cells.cell_leaves(stage)


def failover_then_replacement(stage: Stage) -> Iterator[Scene]:
    """Fails the ledger over, moves the writer back, and replaces by force what AWS has deactivated meanwhile."""
    yield from ledger.failover(stage)
    yield ledger.moved_back(stage)
    left = ledger.deactivated(stage)
    if not left:
        raise FailedError("the platform has no integration that a failover deactivates")
    for integration in left:
        stack = stack_of(integration.urn)
        config = stage.engine.project.config(stack, {})
        result = stage.engine.update(stack, config, OperationOptions(replaces=(integration.urn,)))
        if result.failed:
            raise FailedError(f"{stack}: the replacement of {integration.urn} failed")
    yield Scene(f"{', '.join(it.id for it in left)} was replaced by force")


def two_failovers(stage: Stage) -> Iterator[Scene]:
    """Fails the ledger over twice in a row: the second writer is lost, too."""
    yield from ledger.failover(stage)
    yield from ledger.failover(stage)


DRILLS = (
    Drill(
        "cache-promotion-then-cell-leaves",
        "Another member of the global cache is promoted, and then the last cell of the list leaves.",
        promotion_then_leaving,
        needs=(cache.DATASTORE, cache.CACHE),
        needs_every_stack=True,
    ),
    Drill(
        "ledger-failover-then-replacement",
        "The writer is lost and comes back to its cell, and the integration is replaced by force.",
        failover_then_replacement,
        needs=(ledger.GLOBAL_CLUSTER, ledger.CLUSTER, ledger.INSTANCE),
        protected_types=(ledger.GLOBAL_CLUSTER, ledger.CLUSTER),
    ),
    Drill(
        "two-ledger-failovers",
        "The writer of the ledger is lost, and then its successor is.",
        two_failovers,
        needs=(ledger.GLOBAL_CLUSTER, ledger.CLUSTER, ledger.INSTANCE),
        protected_types=(ledger.GLOBAL_CLUSTER, ledger.CLUSTER),
    ),
)
