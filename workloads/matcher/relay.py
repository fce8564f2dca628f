"""Tells the rest of the platform what the ledger decided: from its outbox, by one relay, in the writer's cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workloads.matcher import reconciliation
from workloads.matcher.database import Session
from workloads.matcher.projections import KEPT_SECONDS, Projections, Publisher, Topics

LEASE_SECONDS = 15
BODIES = 200  # of the outbox in one round
OLD_SECONDS = 2 * KEPT_SECONDS  # of a batch whose outcomes have long expired
PRUNED = 20_000  # at most, at once

# By the server's clock, which both who has and who wants the lease go by.
LEASE = """
UPDATE ledger.relay SET holder = :holder, until = now() + make_interval(secs => :seconds)
WHERE cell = :cell AND (holder = :holder OR holder IS NULL OR until < now())
RETURNING epoch, rewound
"""

WAITING = f"SELECT id, body FROM ledger.outbox ORDER BY id LIMIT {BODIES}"

# Only by who still holds the lease: otherwise another tells it, which it may have begun to.
TOLD = """
DELETE FROM ledger.outbox WHERE id = ANY (CAST(:ids AS bigint[]))
AND EXISTS (SELECT FROM ledger.relay WHERE holder = :holder AND epoch = :epoch)
"""


RELEASE = "UPDATE ledger.relay SET holder = NULL, until = now() WHERE holder = :holder"

# Few at once, so that nobody waits for long; those that are left are old the next time, too.
PRUNE = """
DELETE FROM ledger.batches WHERE id = ANY (ARRAY(
    SELECT id FROM ledger.batches WHERE at < now() - make_interval(secs => :seconds) LIMIT :most))
AND EXISTS (SELECT FROM ledger.relay WHERE holder = :holder)
RETURNING id
"""


class Relay:
    """One relay. Killed anywhere, the next one tells again what may not have been told; nothing is left out."""

    def __init__(
        self,
        *,
        cell: str,
        holder: str,
        session: Session,
        projections: Projections,
        publisher: Publisher,
        topics: Topics,
    ) -> None:
        """`holder` is this process's name alone."""
        self._cell, self._holder, self._session = cell, holder, session
        self._projections, self._publisher, self._topics = projections, publisher, topics

    def round(self) -> int | None:
        """Tells what waits, and gives how many batches that were; None if the relay is another's.

        The first round of an epoch first sets the projections to what the ledger holds.
        """
        leased = self._session.run(LEASE, cell=self._cell, holder=self._holder, seconds=LEASE_SECONDS)
        if not leased:
            return None
        ((epoch, rewound),) = leased
        if rewound < epoch:
            reconciliation.rewind(self._session, self._projections, epoch)
        waiting = self._session.run(WAITING)
        if waiting:
            self._tell(epoch, [body for _, body in waiting])
            self._session.run(TOLD, ids=[number for number, _ in waiting], holder=self._holder, epoch=epoch)
        return len(waiting)

    def prune(self) -> int:
        """Deletes batches that no outcome is compared with any more, if the relay is this one; gives how many."""
        return len(self._session.run(PRUNE, holder=self._holder, seconds=OLD_SECONDS, most=PRUNED))

    def release(self) -> None:
        """Leaves the lease to whoever comes next, who needn't wait until it ends."""
        self._session.run(RELEASE, holder=self._holder)

    def _tell(self, epoch: int, bodies: list[Mapping[str, Any]]) -> None:
        """Projections first, so that whoever hears of a trade finds its balances."""
        self._projections.homes(home for body in bodies for home in body.get("homes") or ())
        self._projections.balances(epoch, (item for body in bodies for item in body.get("balances") or ()))
        self._projections.outcomes(
            {**order, **_batch(body)} for body in bodies for order in body.get("orders") or ()
        )
        self._publisher.publish(
            self._topics.trades,
            (
                _message(body, "trade", trade, trade["number"])
                for body in bodies
                for trade in body.get("trades") or ()
            ),
        )
        self._publisher.publish(
            self._topics.alerts,
            (
                _message(body, alert.get("kind", "rejected"), alert, alert["order"])
                for body in bodies
                for alert in body.get("alerts") or ()
            ),
        )


def _batch(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("batch", "instrument", "epoch", "sequence")}


def _message(body: Mapping[str, Any], kind: str, said: Mapping[str, Any], number: object) -> dict[str, Any]:
    """`id` is the same whenever this is told, and no other message's."""
    return {"id": f"{body['batch']}/{kind}/{number}", "kind": kind, **_batch(body), **said}
