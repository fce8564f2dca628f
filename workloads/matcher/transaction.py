"""Matches orders of any instruments in one transaction of the ledger: all of it becomes so, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pg8000.native import Connection

from workloads.matcher import ledger
from workloads.matcher.book import Book
from workloads.matcher.clearing import Balance, Clearing
from workloads.matcher.database import Session
from workloads.matcher.ledger import Home
from workloads.matcher.orders import Order

ELSEWHERE = "the instrument's home is another cell; send it there as a new order"
NO_HOME = "no such instrument"


@dataclass(frozen=True, slots=True)
class Built:
    """A book, and what it was built from."""

    epoch: int
    sequence: int
    book: Book


class Matcher:
    """One cell's matcher, with one session and a book of each instrument that it has met. For one thread."""

    def __init__(self, cell: str, connect: Callable[[], Connection]) -> None:
        """`connect` signs in to whoever writes. It is called again when a connection is lost."""
        self._cell, self._connect = cell, connect
        self._session: Session | None = None
        self._books: dict[str, Built] = {}

    def commit(self, orders: Sequence[Order]) -> None:
        """Does what the orders ask, in their order. One that the ledger knows is dropped.

        Orders for an instrument whose home is another cell, or that has none, are rejected with an alert. Raises
        what PostgreSQL says, or FencedError; then nothing is changed, unless the connection was lost, upon which
        nobody can know. Either way the same orders may be given again: what was done is known.
        """
        try:
            self._commit(orders)
        except BaseException:
            # The books may be ahead of the ledger now, and the session with a server that no longer writes.
            for order in orders:
                self._books.pop(order.instrument, None)
            self.close()
            raise

    def reject(self, orders: Sequence[Mapping[str, object]]) -> set[tuple[str, str]]:
        """Rejects what will never be matched; gives what the ledger didn't know: instruments and ids."""
        try:
            session = self._opened()
            with session.transaction():
                return ledger.reject(session, orders)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the session; what wasn't committed is undone."""
        if self._session is not None:
            self._session.close()
        self._session = None

    def _opened(self) -> Session:
        if self._session is None:
            self._session = Session(self._connect())
        return self._session

    def _commit(self, orders: Sequence[Order]) -> None:
        session, built = self._opened(), {}
        with session.transaction():
            homes = ledger.homes(session, {order.instrument for order in orders})
            here, rejected = self._sorted(homes, self._unknown(session, orders))
            if rejected:
                ledger.reject(session, rejected)
            available = ledger.available(session, _takers(homes, here)) if here else {}
            clearings: list[tuple[Home, Clearing]] = []
            for instrument, group in here.items():
                home = homes[instrument]
                book = self._book(session, home)
                clearing = Clearing(home.terms, book, available)
                for order in group:
                    clearing.take(order)
                clearings.append((home, clearing))
                built[instrument] = Built(home.epoch, home.sequence + 1, book)
            if changed := {balance for _, clearing in clearings for balance in clearing.cleared.balances}:
                ledger.lock_funds(session, changed)
            for home, clearing in clearings:
                ledger.write(session, home, clearing.cleared)
        self._books.update(built)

    def _unknown(self, session: Session, orders: Sequence[Order]) -> list[Order]:
        """Without those that the ledger knows, and each once."""
        unique = {(order.instrument, order.order): order for order in reversed(orders)}
        known = ledger.known(session, unique)
        return [order for key, order in reversed(unique.items()) if key not in known]

    def _sorted(
        self, homes: Mapping[str, Home], orders: Sequence[Order]
    ) -> tuple[dict[str, list[Order]], list[dict[str, object]]]:
        """Those to match, by instrument, and those that this cell doesn't decide on."""
        here: defaultdict[str, list[Order]] = defaultdict(list)
        rejected: list[dict[str, object]] = []
        for order in orders:
            home = homes.get(order.instrument)
            if home is not None and home.cell == self._cell:
                here[order.instrument].append(order)
            else:
                rejected.append(refusal(order, ELSEWHERE if home else NO_HOME))
        return here, rejected

    def _book(self, session: Session, home: Home) -> Book:
        """The one in memory, if it is built from what the ledger holds now; the home is locked meanwhile."""
        instrument = home.terms.instrument
        kept = self._books.pop(instrument, None)
        if kept is not None and (kept.epoch, kept.sequence) == (home.epoch, home.sequence):
            return kept.book
        return ledger.book(session, instrument)


def refusal(order: Order, reason: str) -> dict[str, object]:
    """An order as `Matcher.reject` takes it."""
    return {
        "instrument": order.instrument,
        "id": order.order,
        "account": order.account,
        "kind": order.kind,
        "buy": order.buy,
        "price": order.price,
        "quantity": order.quantity,
        "target": order.target,
        "reason": reason,
    }


def _takers(homes: Mapping[str, Home], groups: Mapping[str, Sequence[Order]]) -> set[Balance]:
    return {
        (order.account, asset)
        for instrument, group in groups.items()
        for order in group
        for asset in (homes[instrument].terms.base, homes[instrument].terms.quote)
    }
