"""Ledger on a real server, matchers of several cells on it, and checks of its history."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pg8000.native import Connection, identifier, literal

from tests.workloads.matcher.reference import ACCOUNTS, OrderRequest
from tests.workloads.postgres import Server
from workloads.matcher import homes
from workloads.matcher.batch_item_failures import QueueConsumer
from workloads.matcher.migration import migrate
from workloads.matcher.orders import Order, Terms
from workloads.matcher.session import Session
from workloads.matcher.transaction import Matcher

HERE, THERE = "us-east-1", "eu-west-1"
RICH = 10**9
LOT, TICK = 3, 2  # not 1, so that a forgotten factor shows

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Ledger:
    """Database with the ledger's schema, for a whole module of tests. `session` is the tests' own."""

    server: Server
    session: Session

    @classmethod
    @contextmanager
    def new(cls, server: Server, superuser: Connection, of: str | None = None) -> Iterator[Ledger]:
        """Creates an empty ledger, or a copy of the database `of`, which must have no connections."""
        name = f"ledger_{next(_numbers)}"
        if not superuser.run("SELECT FROM pg_roles WHERE rolname = 'rds_iam'"):
            superuser.run("CREATE ROLE rds_iam")  # which Aurora has
        superuser.run(f"CREATE DATABASE {identifier(name)}" + (f" TEMPLATE {identifier(of)}" if of else ""))
        there = replace(server, database=name)
        session = Session(there.connect())
        try:
            if of is None:
                migrate(session)
            yield cls(there, session)
        finally:
            session.close()
            superuser.run(f"DROP DATABASE {identifier(name)} WITH (FORCE)")

    def market(self, cell: str = HERE, funds: int = RICH) -> Market:
        """Creates an instrument with its own assets, and accounts that have as much of both."""
        number = next(_numbers)
        terms = Terms(f"I{number}", f"B{number}", f"Q{number}", LOT, TICK)
        homes.create(self.session, terms, cell)
        for account, asset in itertools.product(ACCOUNTS, (terms.base, terms.quote)):
            self.session.run(
                f"INSERT INTO ledger.funds (account, asset, available) VALUES ({literal(account)}, "
                f"{literal(asset)}, {funds})"
            )
        return Market(self, terms, funds)

    def matcher(self, cell: str = HERE) -> Matcher:
        return Matcher(cell, self.server.connect)


@dataclass(frozen=True)
class Market:
    """Instrument, and its history as the ledger has it."""

    ledger: Ledger
    terms: Terms
    funds: int

    def order(self, request: OrderRequest) -> Order:
        instrument = self.terms.instrument
        if request.cancels is not None:
            return Order(request.order, instrument, request.account, "cancel", target=request.cancels)
        kind = "market" if request.price is None else "limit"
        return Order(
            request.order, instrument, request.account, kind, request.buy, request.price, request.quantity
        )

    def orders(self, flow: Iterable[OrderRequest]) -> list[Order]:
        return [self.order(request) for request in flow]

    def buy(self, order: str, price: int | None = 10, quantity: int = 5, account: str = "ann") -> Order:
        return self.order(OrderRequest(order, account, True, price, quantity))

    def sell(self, order: str, price: int | None = 10, quantity: int = 5, account: str = "bob") -> Order:
        return self.order(OrderRequest(order, account, False, price, quantity))

    def rows(self, columns: str, table: str, order: str = "sequence, number") -> list[list[Any]]:
        return self.ledger.session.run(
            f"SELECT {columns} FROM ledger.{table} WHERE instrument = :instrument ORDER BY {order}",
            instrument=self.terms.instrument,
        )

    def trades(self) -> list[tuple]:
        return [tuple(row) for row in self.rows("maker, taker, buyer, seller, price, quantity", "trades")]

    def order_states(self) -> dict[str, tuple[str, int]]:
        """Status and unfilled quantity of each order."""
        return {
            order: (status, unfilled)
            for order, status, unfilled in self.rows("id, status, unfilled", "orders")
        }

    def reasons(self) -> dict[str, str | None]:
        rows: list[tuple[str, str | None]] = [
            (order, reason) for order, reason in self.rows("id, reason", "orders")
        ]
        return dict(rows)

    def home(self) -> list[Any]:
        return self.rows("cell, epoch, sequence", "homes", "instrument")[0]

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Available and held, of each account and `base` or `quote`."""
        kinds = {self.terms.base: "base", self.terms.quote: "quote"}
        rows = self.ledger.session.run(
            "SELECT account, asset, available, held FROM ledger.funds WHERE asset = ANY (CAST(:assets AS text[]))",
            assets=list(kinds),
        )
        return {(account, kinds[asset]): (available, held) for account, asset, available, held in rows}

    def outbox(self) -> list[dict[str, Any]]:
        """Bodies of the instrument's batches in the outbox."""
        bodies = self.ledger.session.run("SELECT body FROM ledger.outbox ORDER BY id")
        return [body for (body,) in bodies if body.get("instrument") == self.terms.instrument]

    def check(self) -> None:
        """Asserts that the ledger's tables agree with each other."""
        trades = self.rows("maker, taker, buyer, seller, price, quantity, sequence", "trades")
        balances = self.balances()
        for kind in ("base", "quote"):
            total = sum(sum(parts) for (_, asset), parts in balances.items() if asset == kind)
            assert total == self.funds * len(ACCOUNTS), kind
        for account in ACCOUNTS:
            bought = sum(trade[5] for trade in trades if trade[2] == account)
            sold = sum(trade[5] for trade in trades if trade[3] == account)
            paid = sum(trade[4] * trade[5] for trade in trades if trade[2] == account)
            got = sum(trade[4] * trade[5] for trade in trades if trade[3] == account)
            assert sum(balances[account, "base"]) == self.funds + (bought - sold) * LOT
            assert sum(balances[account, "quote"]) == self.funds + (got - paid) * TICK
        filled: Counter[str] = Counter()
        for maker, taker, *_, quantity, _sequence in trades:
            filled[maker] += quantity
            filled[taker] += quantity
        held: Counter[tuple[str, str]] = Counter()
        for order, account, kind, buy, price, quantity, status, unfilled in self.rows(
            "id, account, kind, buy, price, quantity, status, unfilled", "orders"
        ):
            if kind != "cancel":
                assert filled[order] == quantity - unfilled, order
            if status == "open":
                held[account, "quote" if buy else "base"] += unfilled * (price * TICK if buy else LOT)
        assert {key: part for key, (_, part) in balances.items() if part} == dict(held)
        self._check_entries()

    def check_all(self) -> None:
        """Asserts what `check` does, and that the outbox, of which nothing is published yet, has each batch once."""
        self.check()
        trades = self.trades()
        batches = [body["sequence"] for body in self.outbox() if "trades" in body]
        assert batches == list(range(1, self.home()[2] + 1))
        assert sum(len(body["trades"]) for body in self.outbox() if "trades" in body) == len(trades)

    def _check_entries(self) -> None:
        """Asserts that balances are the sums of their entries, numbered without gaps, and a batch's add up to 0."""
        for table, grouped, having in (
            ("entries", "asset, sequence", "sum(available + held) <> 0"),
            ("entries", "account, asset", "max(number) <> count(*)"),
        ):
            assert not self.ledger.session.run(
                f"SELECT {grouped} FROM ledger.{table} WHERE instrument = {literal(self.terms.instrument)} "
                f"GROUP BY {grouped} HAVING {having}"
            )
        for account, asset in itertools.product(ACCOUNTS, (self.terms.base, self.terms.quote)):
            ((available, held),) = self.ledger.session.run(
                "SELECT f.available - coalesce(sum(e.available), 0), f.held - coalesce(sum(e.held), 0) "
                "FROM ledger.funds f LEFT JOIN ledger.entries e USING (account, asset) "
                f"WHERE account = {literal(account)} AND asset = {literal(asset)} GROUP BY f.available, f.held"
            )
            assert (available, held) == (self.funds, 0)


def sqs_event(orders: Sequence[Order], changes: dict[str, str] | None = None) -> dict[str, Any]:
    """Event of an SQS event source; `changes` are other bodies, by order."""
    return {
        "Records": [
            {
                "messageId": f"m-{order.instrument}-{order.order}",
                "body": (changes or {}).get(order.order, order.text()),
                "attributes": {"MessageGroupId": order.instrument, "MessageDeduplicationId": order.order},
            }
            for order in orders
        ]
    }


def failed_orders(
    matcher: Matcher, orders: Sequence[Order], changes: dict[str, str] | None = None
) -> list[str]:
    """Orders whose messages are batch item failures, after a matcher got `orders` as a batch."""
    answer = QueueConsumer(matcher).orders(sqs_event(orders, changes))
    return [failure["itemIdentifier"].rpartition("-")[2] for failure in answer["batchItemFailures"]]
