"""SQL statements of the matcher on the ledger: homes, orders, funds and batches. Each is one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workloads.matcher.book import OrderBook, RestingOrder
from workloads.matcher.clearing import Balance, BatchChanges
from workloads.matcher.orders import Terms
from workloads.matcher.session import Session, json_rows

# Always locked in one order, so that there are no deadlocks.
LOCK_HOMES = """
SELECT instrument, base, quote, lot, tick, cell, epoch, sequence FROM ledger.homes
WHERE instrument = ANY (CAST(:instruments AS text[])) ORDER BY instrument FOR UPDATE
"""

KNOWN_ORDERS = """
SELECT known.instrument, known.id
FROM json_to_recordset(CAST(:orders AS json)) AS requested (instrument text, id text)
JOIN ledger.orders AS known USING (instrument, id)
"""

OPEN_ORDERS = """
SELECT id, account, buy, price, unfilled FROM ledger.orders
WHERE instrument = :instrument AND status = 'open' ORDER BY sequence, number
"""

AVAILABLE_FUNDS = """
SELECT account, asset, available
FROM json_to_recordset(CAST(:balances AS json)) AS requested (account text, asset text)
JOIN ledger.funds USING (account, asset)
"""

NEW_FUNDS = """
INSERT INTO ledger.funds (account, asset)
SELECT account, asset FROM json_to_recordset(CAST(:balances AS json)) AS requested (account text, asset text)
ORDER BY account, asset ON CONFLICT DO NOTHING
"""

# Also in one order. The rows aren't returned: the statement of the batch adds to the current amounts.
LOCK_FUNDS = """
SELECT FROM json_to_recordset(CAST(:balances AS json)) AS requested (account text, asset text)
JOIN ledger.funds USING (account, asset) ORDER BY account, asset FOR UPDATE OF funds
"""

# Fencing: all of it depends on `home`; if cell, epoch or sequence have changed, nothing is written.
WRITE_BATCH = """
WITH home AS (
    UPDATE ledger.homes SET sequence = sequence + 1
    WHERE instrument = :instrument AND cell = :cell AND epoch = :epoch AND sequence = :sequence
    RETURNING instrument, epoch, sequence
), batch AS (
    INSERT INTO ledger.batches (instrument, epoch, sequence) SELECT instrument, epoch, sequence FROM home
    RETURNING id, instrument, epoch, sequence
), placed AS (
    INSERT INTO ledger.orders (instrument, id, account, kind, buy, price, quantity, target, status, unfilled, reason,
                               sequence, number)
    SELECT instrument, id, account, kind, buy, price, quantity, target, status, unfilled, reason, sequence, number
    FROM home, json_to_recordset(CAST(:placed AS json)) AS new (
        id text, account text, kind text, buy boolean, price bigint, quantity bigint, target text,
        status text, unfilled bigint, reason text, number bigint)
), touched AS (
    UPDATE ledger.orders SET status = new.status, unfilled = new.unfilled, reason = new.reason
    FROM home, json_to_recordset(CAST(:touched AS json)) AS new (
        id text, status text, unfilled bigint, reason text)
    WHERE orders.instrument = home.instrument AND orders.id = new.id AND orders.status = 'open'
    RETURNING orders.id
), traded AS (
    INSERT INTO ledger.trades (instrument, epoch, sequence, number, maker, taker, buyer, seller, price, quantity)
    SELECT instrument, epoch, sequence, number, maker, taker, buyer, seller, price, quantity
    FROM home, json_to_recordset(CAST(:trades AS json)) AS new (
        number bigint, maker text, taker text, buyer text, seller text, price bigint, quantity bigint)
), changed AS (
    UPDATE ledger.funds SET available = funds.available + new.available, held = funds.held + new.held,
                            entry = entry + 1
    FROM home, json_to_recordset(CAST(:changes AS json)) AS new (
        account text, asset text, available bigint, held bigint)
    WHERE funds.account = new.account AND funds.asset = new.asset
    RETURNING funds.account, funds.asset, funds.available, funds.held, entry,
              new.available AS added, new.held AS added_held
), entered AS (
    INSERT INTO ledger.entries (account, asset, number, available, held, instrument, epoch, sequence)
    SELECT account, asset, entry, added, added_held, instrument, epoch, sequence FROM changed, home
), queued AS (
    INSERT INTO ledger.outbox (body)
    SELECT json_build_object(
        'batch', id, 'instrument', instrument, 'epoch', epoch, 'sequence', sequence,
        'orders', CAST(:outcomes AS json), 'trades', CAST(:trades AS json), 'alerts', CAST(:alerts AS json),
        'balances', (SELECT json_agg(json_build_object(
            'account', account, 'asset', asset, 'available', available, 'held', held, 'entry', entry)) FROM changed))
    FROM batch
)
SELECT (SELECT count(*) FROM home), (SELECT count(*) FROM touched), (SELECT count(*) FROM changed)
"""

# Orders that no home decides on. Returns those that the ledger didn't have.
REJECT_ORDERS = """
WITH requested AS MATERIALIZED (
    SELECT new.*, gen_random_uuid() AS batch, coalesce(epoch, 0) AS epoch, coalesce(sequence, 0) AS sequence
    FROM json_to_recordset(CAST(:orders AS json)) AS new (
        instrument text, id text, account text, kind text, buy boolean, price bigint, quantity bigint, target text,
        reason text)
    LEFT JOIN ledger.homes USING (instrument)
), rejected AS (
    INSERT INTO ledger.orders (instrument, id, account, kind, buy, price, quantity, target, status, unfilled, reason,
                               sequence, number)
    SELECT instrument, id, account, kind, buy, price, quantity, target, 'rejected', quantity, reason, sequence, 0
    FROM requested ORDER BY instrument, id
    ON CONFLICT DO NOTHING
    RETURNING instrument, id
), batched AS (
    INSERT INTO ledger.batches (id, instrument, epoch, sequence)
    SELECT batch, instrument, epoch, sequence FROM requested JOIN rejected USING (instrument, id)
), queued AS (
    INSERT INTO ledger.outbox (body)
    SELECT json_build_object(
        'batch', batch, 'instrument', instrument, 'epoch', epoch, 'sequence', sequence,
        'orders', json_build_array(json_build_object('id', id, 'status', 'rejected', 'unfilled', quantity)),
        'alerts', json_build_array(json_build_object('order', id, 'account', account, 'reason', reason)))
    FROM requested JOIN rejected USING (instrument, id)
)
SELECT instrument, id FROM rejected
"""


class FencedError(Exception):
    """Fenced batch: the order book is of an older epoch or sequence than the ledger's. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Home:
    """Home of an instrument: the cell that matches it, with the epoch and sequence that its order book must have."""

    terms: Terms
    cell: str
    epoch: int
    sequence: int


def lock_homes(session: Session, instruments: Iterable[str]) -> dict[str, Home]:
    """Locks the homes of instruments until the transaction ends. An instrument without one is left out."""
    found = session.run(LOCK_HOMES, instruments=sorted(instruments))
    return {row[0]: Home(Terms(*row[:5]), *row[5:]) for row in found}


def known_orders(session: Session, orders: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Orders, each an instrument and an id, that the ledger has already."""
    requested = json_rows({"instrument": instrument, "id": order} for instrument, order in orders)
    return {(instrument, order) for instrument, order in session.run(KNOWN_ORDERS, orders=requested)}


def load_book(session: Session, instrument: str) -> OrderBook:
    """Order book, built from the open orders of the ledger."""
    built = OrderBook()
    for row in session.run(OPEN_ORDERS, instrument=instrument):
        built.rest(RestingOrder(*row))
    return built


def available_funds(session: Session, balances: Iterable[Balance]) -> dict[Balance, int]:
    """Available funds by balance. A balance that is missing is created, since a trade may add to it."""
    requested = set(balances)
    found = {
        (account, asset): amount
        for account, asset, amount in session.run(AVAILABLE_FUNDS, balances=_json_balances(requested))
    }
    if missing := requested - found.keys():
        session.run(NEW_FUNDS, balances=_json_balances(missing))
    return {**dict.fromkeys(missing, 0), **found}


def lock_funds(session: Session, balances: Iterable[Balance]) -> None:
    """Locks balances until the transaction ends."""
    session.run(LOCK_FUNDS, balances=_json_balances(balances))


def write_batch(session: Session, home: Home, changes: BatchChanges) -> None:
    """Writes a batch, if the home's cell, epoch and sequence are unchanged. Raises FencedError.

    PostgreSQL refuses a batch that would overdraw a balance, which another instrument's batch has spent since it was
    read.
    """
    placed = [(order, state) for order, state in changes.orders.items() if state.order is not None]
    touched = [
        {"id": order, "status": state.status, "unfilled": state.unfilled, "reason": state.reason}
        for order, state in changes.orders.items()
        if state.order is None
    ]
    balance_changes = [
        {"account": account, "asset": asset, "available": added, "held": held}
        for (account, asset), (added, held) in changes.balances.items()
        if added or held
    ]
    (counts,) = session.run(
        WRITE_BATCH,
        instrument=home.terms.instrument,
        cell=home.cell,
        epoch=home.epoch,
        sequence=home.sequence,
        placed=json_rows(
            {
                "id": order,
                "account": state.order.account,
                "kind": state.order.kind,
                "buy": state.order.buy,
                "price": state.order.price,
                "quantity": state.order.quantity,
                "target": state.order.target,
                "status": state.status,
                "unfilled": state.unfilled,
                "reason": state.reason,
                "number": number,
            }
            for number, (order, state) in enumerate(placed)
            if state.order is not None
        ),
        touched=json_rows(touched),
        trades=json_rows(
            {"number": number, **trade._asdict()} for number, trade in enumerate(changes.trades)
        ),
        changes=json_rows(balance_changes),
        outcomes=json_rows(
            {"id": order, "status": state.status, "unfilled": state.unfilled}
            for order, state in changes.orders.items()
        ),
        alerts=json_rows(
            {"order": order, "account": state.order.account, "reason": state.reason}
            for order, state in placed
            if state.order is not None and state.status == "rejected"
        ),
    )
    expected = [1, len(touched), len(balance_changes)]
    if counts != expected:
        raise FencedError(
            f"{home.terms.instrument}: {counts} homes, orders and balances of {expected} are "
            f"as epoch {home.epoch}, sequence {home.sequence} of {home.cell} has them; its book is built anew"
        )


def reject_orders(session: Session, orders: Iterable[Mapping[str, object]]) -> set[tuple[str, str]]:
    """Rejects orders that the ledger doesn't have, with an alert each, and returns them: instruments and ids."""
    return {(instrument, order) for instrument, order in session.run(REJECT_ORDERS, orders=json_rows(orders))}


def _json_balances(balances: Iterable[Balance]) -> str:
    return json_rows({"account": account, "asset": asset} for account, asset in sorted(balances))
