"""Reconciliation of the projections with the ledger, which may have lost its last second in an unplanned failover."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from workloads.matcher.relay.projections import Item, Projections, chunks
from workloads.matcher.session import Session, json_rows

PAGE_ROWS = 500  # read or compared in one statement

FUNDS = f"""
SELECT account, asset, available, held, entry FROM ledger.funds
WHERE (account, asset) > (:account, :asset) ORDER BY account, asset LIMIT {PAGE_ROWS}
"""

FUNDED = """
SELECT account, asset FROM json_to_recordset(CAST(:balances AS json)) AS projected (account text, asset text)
JOIN ledger.funds USING (account, asset)
"""

# Outcomes that were projected, and whose batch the ledger doesn't have, whatever the order's status is now.
LOST_OUTCOMES = """
SELECT projected.instrument, projected.id, CAST(projected.batch AS text), projected.epoch, projected.sequence,
       projected.status, projected.unfilled, kept.status, kept.unfilled
FROM json_to_recordset(CAST(:outcomes AS json)) AS projected (
    instrument text, id text, batch uuid, epoch bigint, sequence bigint, status text, unfilled bigint)
LEFT JOIN ledger.orders AS kept USING (instrument, id)
WHERE NOT EXISTS (SELECT FROM ledger.batches WHERE batches.id = projected.batch)
"""

# The first report of an epoch is complete: a later one would lack outcomes that have been corrected since.
REPORT = """
WITH report AS (
    INSERT INTO ledger.reconciliations (epoch, report) VALUES (:relay, CAST(:lost AS json))
    ON CONFLICT DO NOTHING RETURNING epoch
)
INSERT INTO ledger.outbox (body) SELECT json_build_object(
    'batch', batch, 'instrument', instrument, 'epoch', lost.epoch, 'sequence', sequence,
    'alerts', json_build_array(json_build_object('kind', 'lost', 'order', id, 'relay', report.epoch,
        'reason', 'a failover took back that it was ' || status || '; it is ' || coalesce(now, 'unknown') || ' now')))
FROM report, json_to_recordset(CAST(:lost AS json)) AS lost (
    instrument text, id text, batch uuid, epoch bigint, sequence bigint, status text, now text)
"""

REPORTED = "SELECT report FROM ledger.reconciliations WHERE epoch = :relay"

MARK_RECONCILED = "UPDATE ledger.relay SET rewound = :relay WHERE epoch = :relay"

LOST_FIELDS = ("instrument", "id", "batch", "epoch", "sequence", "status", "unfilled", "now", "unfilled_now")
BALANCE_FIELDS = ("account", "asset", "available", "held", "entry")


def reconcile(session: Session, projections: Projections, relay_epoch: int) -> None:
    """Corrects the projections to the ledger, as the relay of a new epoch, and reports outcomes that were lost.

    It may be killed at any point and repeated: it is done when all is corrected, and a report is never changed.
    """
    lost = _lost_outcomes(session, projections.all_outcomes())
    session.run(REPORT, relay=relay_epoch, lost=json_rows(lost))
    for balances in (_unfunded(session, projections.all_balances()), _funds(session)):
        for chunk in chunks(balances, PAGE_ROWS):
            projections.write_balances(relay_epoch, chunk)
    ((report,),) = session.run(REPORTED, relay=relay_epoch)
    projections.correct_outcomes(relay_epoch, report)
    session.run(MARK_RECONCILED, relay=relay_epoch)


def _lost_outcomes(session: Session, outcomes: Iterable[Item]) -> list[dict[str, Any]]:
    """Lost outcomes that haven't expired: DynamoDB may keep an outcome longer than the ledger keeps its batch."""
    lost: list[dict[str, Any]] = []
    now = int(time.time())
    compared = (item for item in outcomes if "relay" not in item and int(item["expires"]) > now)
    for chunk in chunks(compared, PAGE_ROWS):
        lost += [_named(LOST_FIELDS, row) for row in session.run(LOST_OUTCOMES, outcomes=json_rows(chunk))]
    return lost


def _funds(session: Session) -> Iterator[Item]:
    account, asset = "", ""
    while page := session.run(FUNDS, account=account, asset=asset):
        yield from (_named(BALANCE_FIELDS, row) for row in page)
        account, asset = page[-1][:2]


def _unfunded(session: Session, balances: Iterable[Item]) -> Iterator[Item]:
    """Balances that the ledger doesn't have, as empty ones."""
    for chunk in chunks(balances, PAGE_ROWS):
        funded = {(account, asset) for account, asset in session.run(FUNDED, balances=json_rows(chunk))}
        for item in chunk:
            if (item["account"], item["asset"]) not in funded:
                yield _named(BALANCE_FIELDS, [item["account"], item["asset"], 0, 0, 0])


def _named(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))
