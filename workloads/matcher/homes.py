"""Homes of instruments: the cell that matches each. Creates and moves them and the relay's cell, as administrator.

Only the steward calls this: the matcher's user of the ledger may not write a home's cell or epoch (`roles.sql`).
"""

from __future__ import annotations

from workloads.matcher.orders import Terms
from workloads.matcher.session import Session

CREATE_HOME = """
WITH home AS (
    INSERT INTO ledger.homes (instrument, base, quote, lot, tick, cell)
    VALUES (:instrument, :base, :quote, :lot, :tick, :cell) RETURNING instrument, cell, epoch, sequence
), moved AS (
    INSERT INTO ledger.moves (instrument, cell, epoch, sequence) SELECT * FROM home
)
INSERT INTO ledger.outbox (body)
SELECT json_build_object('homes', json_agg(row_to_json(home))) FROM home
"""

CREATE_RELAY = "INSERT INTO ledger.relay (cell) VALUES (:cell) ON CONFLICT DO NOTHING"

# Locked in the matchers' order, so that a batch in progress ends first.
LOCK_HOMES = "SELECT instrument FROM ledger.homes ORDER BY instrument FOR UPDATE"

MOVE_HOMES = """
WITH home AS (
    UPDATE ledger.homes SET cell = :cell, epoch = epoch + 1
    WHERE CAST(:instruments AS text[]) IS NULL OR instrument = ANY (CAST(:instruments AS text[]))
    RETURNING instrument, cell, epoch, sequence
), moved AS (
    INSERT INTO ledger.moves (instrument, cell, epoch, sequence) SELECT * FROM home
), queued AS (
    INSERT INTO ledger.outbox (body)
    SELECT json_build_object('homes', json_agg(row_to_json(home))) FROM home HAVING count(*) > 0
)
SELECT instrument FROM home
"""

MOVE_RELAY = (
    "UPDATE ledger.relay SET cell = :cell, epoch = epoch + 1, holder = NULL, until = now() RETURNING epoch"
)


class UnknownHomeError(ValueError):
    """Instrument without a home in the ledger."""


def create(session: Session, terms: Terms, cell: str) -> None:
    """Creates the home of a new instrument, and the ledger's relay if there is none."""
    with session.transaction():
        session.run(CREATE_RELAY, cell=cell)
        session.run(
            CREATE_HOME,
            instrument=terms.instrument,
            base=terms.base,
            quote=terms.quote,
            lot=terms.lot,
            tick=terms.tick,
            cell=cell,
        )


def move(session: Session, instrument: str, cell: str) -> None:
    """Moves the home of one instrument to a cell, and raises its epoch. Raises UnknownHomeError."""
    with session.transaction():
        session.run(LOCK_HOMES)
        if not session.run(MOVE_HOMES, cell=cell, instruments=[instrument]):
            raise UnknownHomeError(f"{instrument} has no home; give it one before it moves")


def follow_writer(session: Session, cell: str) -> None:
    """Moves all homes and the relay to the cell of the ledger's writer: the last step of a failover.

    Every epoch is raised, also of homes that were there already: a failover may have lost batches, and new batches of
    the same sequence must not be taken for them. It may be repeated, at the cost of rebuilding each order book.
    """
    with session.transaction():
        session.run(LOCK_HOMES)
        session.run(MOVE_HOMES, cell=cell, instruments=None)
        session.run(MOVE_RELAY, cell=cell)
