"""After an unplanned failover the ledger may lack its last second, which the projections have: they are set back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from workloads.matcher.database import Session, rows
from workloads.matcher.projections import Item, Projections, chunks

ROWS = 500  # read or compared at once

FUNDS = f"""
SELECT account, asset, available, held, entry FROM ledger.funds
WHERE (account, asset) > (:account, :asset) ORDER BY account, asset LIMIT {ROWS}
"""

FUNDED = """
SELECT account, asset FROM json_to_recordset(CAST(:balances AS json)) AS told (account text, asset text)
JOIN ledger.funds USING (account, asset)
"""

# Published, and gone: the ledger doesn't have the batch, whatever has become of the order since.
GONE = """
SELECT told.instrument, told.id, CAST(told.batch AS text), told.epoch, told.sequence, told.status, told.unfilled,
       kept.status, kept.unfilled
FROM json_to_recordset(CAST(:outcomes AS json)) AS told (
    instrument text, id text, batch uuid, epoch bigint, sequence bigint, status text, unfilled bigint)
LEFT JOIN ledger.orders AS kept USING (instrument, id)
WHERE NOT EXISTS (SELECT FROM ledger.batches WHERE batches.id = told.batch)
"""

# The first report of an epoch is the whole one: later, some of it may have been set back already.
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

REWOUND = "UPDATE ledger.relay SET rewound = :relay WHERE epoch = :relay"

LOST = ("instrument", "id", "batch", "epoch", "sequence", "status", "unfilled", "now", "unfilled_now")
BALANCE = ("account", "asset", "available", "held", "entry")


def rewind(session: Session, projections: Projections, relay: int) -> None:
    """Sets the projections to the ledger, as the relay of a new epoch, and reports what was told and is gone.

    Killed anywhere it may be done again: it is only over when all is set back, and what was reported stays.
    """
    lost = _lost(session, projections.all_outcomes())
    session.run(REPORT, relay=relay, lost=rows(lost))
    for balances in (_unfunded(session, projections.all_balances()), _funds(session)):
        for chunk in chunks(balances, ROWS):
            projections.balances(relay, chunk)
    ((report,),) = session.run(REPORTED, relay=relay)
    projections.set_back(relay, report)
    session.run(REWOUND, relay=relay)


def _lost(session: Session, outcomes: Iterable[Item]) -> list[dict[str, Any]]:
    """Of outcomes that haven't expired: DynamoDB may keep one for days after that, and its batch is gone by then."""
    lost: list[dict[str, Any]] = []
    now = int(time.time())
    compared = (item for item in outcomes if "relay" not in item and int(item["expires"]) > now)
    for chunk in chunks(compared, ROWS):
        lost += [_named(LOST, row) for row in session.run(GONE, outcomes=rows(chunk))]
    return lost


def _funds(session: Session) -> Iterator[Item]:
    account, asset = "", ""
    while page := session.run(FUNDS, account=account, asset=asset):
        yield from (_named(BALANCE, row) for row in page)
        account, asset = page[-1][:2]


def _unfunded(session: Session, balances: Iterable[Item]) -> Iterator[Item]:
    """Balances that the ledger doesn't have: nothing is on them."""
    for chunk in chunks(balances, ROWS):
        funded = {(account, asset) for account, asset in session.run(FUNDED, balances=rows(chunk))}
        for item in chunk:
            if (item["account"], item["asset"]) not in funded:
                yield _named(BALANCE, [item["account"], item["asset"], 0, 0, 0])


def _named(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))
