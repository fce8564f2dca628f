"""Matching of a batch of orders, of any instruments, in one transaction of the ledger: all of it or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pg8000.native import Connection

from workloads.matcher import ledger
from workloads.matcher.book import OrderBook
from workloads.matcher.clearing import Balance, Clearing
from workloads.matcher.ledger import Home
from workloads.matcher.orders import Order
from workloads.matcher.session import Session

HOME_IS_ELSEWHERE = "the instrument's home is another cell; send it there as a new order"
NO_HOME = "no such instrument"


@dataclass(frozen=True, slots=True)
class CachedBook:
    """Order book in memory, with the epoch and sequence of the home that it is built from."""

    epoch: int
    sequence: int
    book: OrderBook


class Matcher:
    """Matcher of one cell, with one session and the order books of its instruments. For one thread."""

    def __init__(self, cell: str, connect: Callable[[], Connection]) -> None:
        """`connect` opens a connection to the ledger's writer. It is called again when one is lost."""
        self._cell, self._connect = cell, connect
        self._session: Session | None = None
        self._books: dict[str, CachedBook] = {}

    def commit(self, orders: Sequence[Order]) -> None:
        """Matches orders, in their order, and commits the batch. An order that the ledger has already is dropped.

        Orders for an instrument whose home is another cell, or that has none, are rejected with an alert. Raises
        pg8000's errors or FencedError; then nothing is committed, unless the connection was lost, when it may be. In
        each case the same orders may be committed again: the ledger drops those that it has.
        """
        try:
            self._commit(orders)
        except BaseException:
            # The books may be ahead of the ledger now, and the session with a server that is no longer the writer.
            for order in orders:
                self._books.pop(order.instrument, None)
            self.close()
            raise

    def reject(self, orders: Sequence[Mapping[str, object]]) -> set[tuple[str, str]]:
        """Rejects orders, and returns the instruments and ids of those that the ledger didn't have."""
        try:
            session = self._opened()
            with session.transaction():
                return ledger.reject_orders(session, orders)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the session; an open transaction is rolled back."""
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
            homes = ledger.lock_homes(session, {order.instrument for order in orders})
            here, rejected = self._split_by_home(homes, self._without_known(session, orders))
            if rejected:
                ledger.reject_orders(session, rejected)
            available = ledger.available_funds(session, _balances_of(homes, here)) if here else {}
            clearings: list[tuple[Home, Clearing]] = []
            for instrument, group in here.items():
                home = homes[instrument]
                book = self._book(session, home)
                clearing = Clearing(home.terms, book, available)
                for order in group:
                    clearing.apply(order)
                clearings.append((home, clearing))
                built[instrument] = CachedBook(home.epoch, home.sequence + 1, book)
            if changed := {balance for _, clearing in clearings for balance in clearing.changes.balances}:
                ledger.lock_funds(session, changed)
            for home, clearing in clearings:
                ledger.write_batch(session, home, clearing.changes)
        self._books.update(built)

    def _without_known(self, session: Session, orders: Sequence[Order]) -> list[Order]:
        """Orders without duplicates, and without those that the ledger has."""
        unique = {(order.instrument, order.order): order for order in reversed(orders)}
        known = ledger.known_orders(session, unique)
        return [order for key, order in reversed(unique.items()) if key not in known]

    def _split_by_home(
        self, homes: Mapping[str, Home], orders: Sequence[Order]
    ) -> tuple[dict[str, list[Order]], list[dict[str, object]]]:
        """Orders to match, by instrument, and rejections of those whose home is elsewhere."""
        here: defaultdict[str, list[Order]] = defaultdict(list)
        rejected: list[dict[str, object]] = []
        for order in orders:
            home = homes.get(order.instrument)
            if home is not None and home.cell == self._cell:
                here[order.instrument].append(order)
            else:
                rejected.append(rejection(order, HOME_IS_ELSEWHERE if home else NO_HOME))
        return here, rejected

    def _book(self, session: Session, home: Home) -> OrderBook:
        """Order book from memory, if its epoch and sequence are the home's, which is locked; else from the ledger."""
        instrument = home.terms.instrument
        kept = self._books.pop(instrument, None)
        if kept is not None and (kept.epoch, kept.sequence) == (home.epoch, home.sequence):
            return kept.book
        return ledger.load_book(session, instrument)


def rejection(order: Order, reason: str) -> dict[str, object]:
    """Rejected order as `Matcher.reject` takes it."""
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


def _balances_of(homes: Mapping[str, Home], groups: Mapping[str, Sequence[Order]]) -> set[Balance]:
    return {
        (order.account, asset)
        for instrument, group in groups.items()
        for order in group
        for asset in (homes[instrument].terms.base, homes[instrument].terms.quote)
    }
