"""The statements by which a matcher reads and writes the ledger. Each is one trip, however many rows it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workloads.matcher.book import Book, Resting
from workloads.matcher.clearing import Balance, Cleared
from workloads.matcher.database import Session, rows
from workloads.matcher.orders import Terms

# Locked in one order by everybody, so that nobody waits in a circle.
HOMES = """
SELECT instrument, base, quote, lot, tick, cell, epoch, sequence FROM ledger.homes
WHERE instrument = ANY (CAST(:instruments AS text[])) ORDER BY instrument FOR UPDATE
"""

KNOWN = """
SELECT known.instrument, known.id
FROM json_to_recordset(CAST(:orders AS json)) AS asked (instrument text, id text)
JOIN ledger.orders AS known USING (instrument, id)
"""

OPEN = """
SELECT id, account, buy, price, unfilled FROM ledger.orders
WHERE instrument = :instrument AND status = 'open' ORDER BY sequence, number
"""

FUNDS = """
SELECT account, asset, available
FROM json_to_recordset(CAST(:balances AS json)) AS asked (account text, asset text)
JOIN ledger.funds USING (account, asset)
"""

NEW_FUNDS = """
INSERT INTO ledger.funds (account, asset)
SELECT account, asset FROM json_to_recordset(CAST(:balances AS json)) AS asked (account text, asset text)
ORDER BY account, asset ON CONFLICT DO NOTHING
"""

# Also in one order by everybody. What is read here is of no use: the batch's statement adds to what is there.
LOCK_FUNDS = """
SELECT FROM json_to_recordset(CAST(:balances AS json)) AS asked (account text, asset text)
JOIN ledger.funds USING (account, asset) ORDER BY account, asset FOR UPDATE OF funds
"""

# All of it hangs on `home`: where the fence doesn't hold, nothing is written.
BATCH = """
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
), told AS (
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

# Of orders that no home decides on. Gives those that the ledger didn't know.
REJECT = """
WITH asked AS MATERIALIZED (
    SELECT new.*, gen_random_uuid() AS batch, coalesce(epoch, 0) AS epoch, coalesce(sequence, 0) AS sequence
    FROM json_to_recordset(CAST(:orders AS json)) AS new (
        instrument text, id text, account text, kind text, buy boolean, price bigint, quantity bigint, target text,
        reason text)
    LEFT JOIN ledger.homes USING (instrument)
), rejected AS (
    INSERT INTO ledger.orders (instrument, id, account, kind, buy, price, quantity, target, status, unfilled, reason,
                               sequence, number)
    SELECT instrument, id, account, kind, buy, price, quantity, target, 'rejected', quantity, reason, sequence, 0
    FROM asked ORDER BY instrument, id
    ON CONFLICT DO NOTHING
    RETURNING instrument, id
), batched AS (
    INSERT INTO ledger.batches (id, instrument, epoch, sequence)
    SELECT batch, instrument, epoch, sequence FROM asked JOIN rejected USING (instrument, id)
), told AS (
    INSERT INTO ledger.outbox (body)
    SELECT json_build_object(
        'batch', batch, 'instrument', instrument, 'epoch', epoch, 'sequence', sequence,
        'orders', json_build_array(json_build_object('id', id, 'status', 'rejected', 'unfilled', quantity)),
        'alerts', json_build_array(json_build_object('order', id, 'account', account, 'reason', reason)))
    FROM asked JOIN rejected USING (instrument, id)
)
SELECT instrument, id FROM rejected
"""


class FencedError(Exception):
    """The book isn't built from what the ledger holds: somebody else wrote meanwhile. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where an instrument is matched, and what its book must be built from."""

    terms: Terms
    cell: str
    epoch: int
    sequence: int


def homes(session: Session, instruments: Iterable[str]) -> dict[str, Home]:
    """Locks the homes until the transaction ends. An instrument that has none is left out."""
    found = session.run(HOMES, instruments=sorted(instruments))
    return {row[0]: Home(Terms(*row[:5]), *row[5:]) for row in found}


def known(session: Session, orders: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the orders, each an instrument and an id, that the ledger has."""
    asked = rows({"instrument": instrument, "id": order} for instrument, order in orders)
    return {(instrument, order) for instrument, order in session.run(KNOWN, orders=asked)}


def book(session: Session, instrument: str) -> Book:
    """The book as the ledger has it."""
    built = Book()
    for row in session.run(OPEN, instrument=instrument):
        built.rest(Resting(*row))
    return built


def available(session: Session, balances: Iterable[Balance]) -> dict[Balance, int]:
    """What may be spent. A balance that isn't there is made, since a trade may add to it."""
    asked = set(balances)
    found = {(account, asset): amount for account, asset, amount in session.run(FUNDS, balances=_of(asked))}
    if missing := asked - found.keys():
        session.run(NEW_FUNDS, balances=_of(missing))
    return {**dict.fromkeys(missing, 0), **found}


def lock_funds(session: Session, balances: Iterable[Balance]) -> None:
    """Makes everybody else wait who would change them, until the transaction ends."""
    session.run(LOCK_FUNDS, balances=_of(balances))


def write(session: Session, home: Home, cleared: Cleared) -> None:
    """Writes a batch, if the home is what it was. Raises FencedError.

    PostgreSQL refuses a batch that would overdraw a balance: one that another instrument's batch has used up since it
    was read.
    """
    placed = [(order, became) for order, became in cleared.orders.items() if became.order is not None]
    touched = [
        {"id": order, "status": became.status, "unfilled": became.unfilled, "reason": became.reason}
        for order, became in cleared.orders.items()
        if became.order is None
    ]
    changes = [
        {"account": account, "asset": asset, "available": added, "held": held}
        for (account, asset), (added, held) in cleared.balances.items()
        if added or held
    ]
    (counts,) = session.run(
        BATCH,
        instrument=home.terms.instrument,
        cell=home.cell,
        epoch=home.epoch,
        sequence=home.sequence,
        placed=rows(
            {
                "id": order,
                "account": became.order.account,
                "kind": became.order.kind,
                "buy": became.order.buy,
                "price": became.order.price,
                "quantity": became.order.quantity,
                "target": became.order.target,
                "status": became.status,
                "unfilled": became.unfilled,
                "reason": became.reason,
                "number": number,
            }
            for number, (order, became) in enumerate(placed)
            if became.order is not None
        ),
        touched=rows(touched),
        trades=rows({"number": number, **trade._asdict()} for number, trade in enumerate(cleared.trades)),
        changes=rows(changes),
        outcomes=rows(
            {"id": order, "status": became.status, "unfilled": became.unfilled}
            for order, became in cleared.orders.items()
        ),
        alerts=rows(
            {"order": order, "account": became.order.account, "reason": became.reason}
            for order, became in placed
            if became.order is not None and became.status == "rejected"
        ),
    )
    if counts != [1, len(touched), len(changes)]:
        raise FencedError(
            f"{home.terms.instrument}: {counts} homes, orders and balances of {[1, len(touched), len(changes)]} are "
            f"as epoch {home.epoch}, sequence {home.sequence} of {home.cell} has them; its book is built anew"
        )


def reject(session: Session, orders: Iterable[Mapping[str, object]]) -> set[tuple[str, str]]:
    """Rejects orders, with an alert each; gives those that the ledger didn't know, and leaves the others be."""
    return {(instrument, order) for instrument, order in session.run(REJECT, orders=rows(orders))}


def _of(balances: Iterable[Balance]) -> str:
    return rows({"account": account, "asset": asset} for account, asset in sorted(balances))
