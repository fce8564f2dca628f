"""Relay of the ledger's outbox to DynamoDB and SNS: at any time one holder of a lease, in the writer's cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workloads.matcher.relay import reconciliation
from workloads.matcher.relay.projections import OUTCOME_RETENTION_SECONDS, Projections
from workloads.matcher.relay.publisher import Publisher, Topics
from workloads.matcher.session import Session

LEASE_SECONDS = 15
OUTBOX_ROWS = 200  # read at once
BATCH_RETENTION_SECONDS = 2 * OUTCOME_RETENTION_SECONDS  # by then its outcomes have expired
MAX_PRUNED = 20_000  # in one statement

# By the server's clock, for all relays the same.
TAKE_LEASE = """
UPDATE ledger.relay SET holder = :holder, until = now() + make_interval(secs => :seconds)
WHERE cell = :cell AND (holder = :holder OR holder IS NULL OR until < now())
RETURNING epoch, rewound
"""

READ_OUTBOX = f"SELECT id, body FROM ledger.outbox ORDER BY id LIMIT {OUTBOX_ROWS}"

# Only by the holder of the lease: another may have begun to publish the same.
DELETE_PUBLISHED = """
DELETE FROM ledger.outbox WHERE id = ANY (CAST(:ids AS bigint[]))
AND EXISTS (SELECT FROM ledger.relay WHERE holder = :holder AND epoch = :epoch)
"""


RELEASE_LEASE = "UPDATE ledger.relay SET holder = NULL, until = now() WHERE holder = :holder"

# Limited, so that no other statement waits for long; the rest is deleted by later runs.
PRUNE_BATCHES = """
DELETE FROM ledger.batches WHERE id = ANY (ARRAY(
    SELECT id FROM ledger.batches WHERE at < now() - make_interval(secs => :seconds) LIMIT :most))
AND EXISTS (SELECT FROM ledger.relay WHERE holder = :holder)
RETURNING id
"""


class Relay:
    """Relay with at-least-once delivery: after a crash the next one publishes the rest of the outbox again."""

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
        """`holder` is a name that no other process has."""
        self._cell, self._holder, self._session = cell, holder, session
        self._projections, self._publisher, self._topics = projections, publisher, topics

    def relay_outbox(self) -> int | None:
        """Publishes batches of the outbox, and returns their number; None if another relay has the lease.

        The first call of an epoch reconciles the projections with the ledger before.
        """
        leased = self._session.run(TAKE_LEASE, cell=self._cell, holder=self._holder, seconds=LEASE_SECONDS)
        if not leased:
            return None
        ((epoch, rewound),) = leased
        if rewound < epoch:
            reconciliation.reconcile(self._session, self._projections, epoch)
        rows = self._session.run(READ_OUTBOX)
        if rows:
            self._publish(epoch, [body for _, body in rows])
            self._session.run(
                DELETE_PUBLISHED, ids=[row for row, _ in rows], holder=self._holder, epoch=epoch
            )
        return len(rows)

    def prune_batches(self) -> int:
        """Deletes batches older than all outcomes, if this relay has the lease; returns their number."""
        return len(
            self._session.run(
                PRUNE_BATCHES, holder=self._holder, seconds=BATCH_RETENTION_SECONDS, most=MAX_PRUNED
            )
        )

    def release_lease(self) -> None:
        """Releases the lease, so that the next relay needn't wait until it expires."""
        self._session.run(RELEASE_LEASE, holder=self._holder)

    def _publish(self, epoch: int, bodies: list[Mapping[str, Any]]) -> None:
        """Writes projections first, so that subscribers who receive a trade find its balances."""
        self._projections.write_homes(home for body in bodies for home in body.get("homes") or ())
        self._projections.write_balances(
            epoch, (item for body in bodies for item in body.get("balances") or ())
        )
        self._projections.write_outcomes(
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


def _message(body: Mapping[str, Any], kind: str, fields: Mapping[str, Any], number: object) -> dict[str, Any]:
    """Message whose `id` is the same each time that it is published, and no other's."""
    return {"id": f"{body['batch']}/{kind}/{number}", "kind": kind, **_batch(body), **fields}
