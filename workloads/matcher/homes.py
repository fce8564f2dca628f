"""Where instruments are matched, and which cell's relay tells of it: moved in one transaction of the ledger."""

from __future__ import annotations

from workloads.matcher.database import Session
from workloads.matcher.orders import Terms

FOUND = """
WITH home AS (
    INSERT INTO ledger.homes (instrument, base, quote, lot, tick, cell)
    VALUES (:instrument, :base, :quote, :lot, :tick, :cell) RETURNING instrument, cell, epoch, sequence
), moved AS (
    INSERT INTO ledger.moves (instrument, cell, epoch, sequence) SELECT * FROM home
)
INSERT INTO ledger.outbox (body)
SELECT json_build_object('homes', json_agg(row_to_json(home))) FROM home
"""

RELAY = "INSERT INTO ledger.relay (cell) VALUES (:cell) ON CONFLICT DO NOTHING"

# Locked as a matcher locks them, so that a batch that is under way ends first.
LOCK = "SELECT instrument FROM ledger.homes ORDER BY instrument FOR UPDATE"

MOVE = """
WITH home AS (
    UPDATE ledger.homes SET cell = :cell, epoch = epoch + 1
    WHERE CAST(:instruments AS text[]) IS NULL OR instrument = ANY (CAST(:instruments AS text[]))
    RETURNING instrument, cell, epoch, sequence
), moved AS (
    INSERT INTO ledger.moves (instrument, cell, epoch, sequence) SELECT * FROM home
), told AS (
    INSERT INTO ledger.outbox (body)
    SELECT json_build_object('homes', json_agg(row_to_json(home))) FROM home HAVING count(*) > 0
)
SELECT instrument FROM home
"""

MOVE_RELAY = (
    "UPDATE ledger.relay SET cell = :cell, epoch = epoch + 1, holder = NULL, until = now() RETURNING epoch"
)


class UnknownHomeError(ValueError):
    """An instrument that the ledger has no home of."""


def found(session: Session, terms: Terms, cell: str) -> None:
    """Gives a new instrument its home, and the ledger its relay, if that has none."""
    with session.transaction():
        session.run(RELAY, cell=cell)
        session.run(
            FOUND,
            instrument=terms.instrument,
            base=terms.base,
            quote=terms.quote,
            lot=terms.lot,
            tick=terms.tick,
            cell=cell,
        )


def move(session: Session, instrument: str, cell: str) -> None:
    """Moves one instrument. Raises UnknownHomeError."""
    with session.transaction():
        session.run(LOCK)
        if not session.run(MOVE, cell=cell, instruments=[instrument]):
            raise UnknownHomeError(f"{instrument} has no home; give it one before it moves")


def follow_writer(session: Session, cell: str) -> None:
    """Moves all instruments and the relay to the cell whose ledger writes now; the last step of a failover.

    Every epoch is raised, also of what was there already: a failover may have taken batches back, and those that
    come in their place must not be taken for them. It may be done again: that costs a rebuilt book.
    """
    with session.transaction():
        session.run(LOCK)
        session.run(MOVE, cell=cell, instruments=None)
        session.run(MOVE_RELAY, cell=cell)
