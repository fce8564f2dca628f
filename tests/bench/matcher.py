"""Benchmark of the matcher: its order book beside others from PyPI, and its queue consumer on a real PostgreSQL."""

from __future__ import annotations

import gc
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import orderbook as akhil4n
from lightmatchingengine import lightmatchingengine as light

from tests.workloads.matcher.lab import HERE, sqs_event
from tests.workloads.postgres import Server, UnavailableError, running
from workloads.matcher import homes
from workloads.matcher.batch_item_failures import QueueConsumer
from workloads.matcher.book import OrderBook
from workloads.matcher.migration import migrate
from workloads.matcher.orders import Order, Terms
from workloads.matcher.relay.projections import Projections, Tables
from workloads.matcher.relay.publisher import Publisher, Topics
from workloads.matcher.relay.relay import Relay
from workloads.matcher.session import Session
from workloads.matcher.transaction import Matcher

ORDERS = 50_000  # for each book
ROUNDS = 3  # of which the best counts
RATE, SECONDS = 500, 20  # for the handler
INSTRUMENTS, ACCOUNTS, LEVELS = 8, 200, 50
BATCH = 10  # messages at most, as the queue hands them over
WARM_UP = 500  # orders whose time doesn't count
HIGHEST = 2**31 - 1

Feed = Callable[[Order], None]


@dataclass(frozen=True)
class Figures:
    """Rate and latencies of a run."""

    rate: float  # orders a second
    p99: float  # seconds
    most: float

    @classmethod
    def of(cls, seconds: float, latencies: Sequence[float]) -> Figures:
        ordered = sorted(latencies)
        return cls(len(ordered) / seconds, ordered[len(ordered) * 99 // 100], ordered[-1])


def flow(count: int, instruments: int) -> list[Order]:
    """Random orders, equal in each run: three in ten cancel an earlier one, a few of the others are market orders."""
    numbers = random.Random(7)
    orders: list[Order] = []
    placed: list[Order] = []
    for number in range(count):
        if placed and numbers.random() < 0.3:
            # One of the last, so that most of them still rest.
            target = placed.pop(numbers.randrange(max(0, len(placed) - 500), len(placed)))
            orders.append(
                Order(f"o{number}", target.instrument, target.account, "cancel", target=target.order)
            )
            continue
        market = numbers.random() < 0.05
        order = Order(
            f"o{number}",
            f"I{numbers.randrange(instruments)}",
            f"a{numbers.randrange(ACCOUNTS)}",
            "market" if market else "limit",
            numbers.random() < 0.5,
            None if market else numbers.randint(10_000 - LEVELS, 10_000 + LEVELS),
            numbers.randint(1, 20),
        )
        orders.append(order)
        placed.append(order)
    return orders


def book_line(_sizes: list[int]) -> str:
    """Line on the order book alone, beside other books on the same orders."""
    orders = flow(ORDERS, 1)
    gc.collect()
    gc.freeze()  # what other lines have left isn't looked through again and again
    found = {
        name: max((_fed(feed(), orders) for _ in range(ROUNDS)), key=lambda run: run.rate)
        for name, feed in (
            ("ours", _ours),
            ("akhil4n-orderbook 0.1.1", _akhil4n),
            ("lightmatchingengine 2019.1.4", _light),
        )
    }
    told = ", ".join(
        f"{name} {run.rate:,.0f} orders/s, p99 {run.p99 * 1e6:.0f} us" for name, run in found.items()
    )
    return f"book alone, {ORDERS} orders, three in ten of them cancellations, {2 * LEVELS} prices: {told}"


def handler_line(_sizes: list[int]) -> str:
    """Line on the queue consumer at a steady rate."""
    try:
        with running() as server, ledger(server) as books:
            run, told = _steady(books, server)
    except UnavailableError as error:
        return f"matcher: {error}"
    return (
        f"matcher: {RATE} orders/s offered for {SECONDS} s over {INSTRUMENTS} instruments, PostgreSQL (fsync off) "
        "and the relay beside it, DynamoDB and SNS a stand-in in the process that takes everything: "
        f"{run.rate:.0f} orders/s, "
        f"p99 {run.p99 * 1e3:.0f} ms from queue to commit, at most {run.most * 1e3:.0f} ms, {told} batches told; "
        "100 ms are allowed"
    )


def _fed(feed: Feed, orders: Sequence[Order]) -> Figures:
    latencies: list[float] = []
    began = time.perf_counter()
    for order in orders:
        since = time.perf_counter()
        feed(order)
        latencies.append(time.perf_counter() - since)
    return Figures.of(time.perf_counter() - began, latencies)


def _ours() -> Feed:
    book = OrderBook()

    def feed(order: Order) -> None:
        if order.target is not None:
            book.cancel(order.target)
        else:
            book.place(order.order, order.account, order.buy, order.price, order.quantity)

    return feed


def _akhil4n() -> Feed:
    book, ids = akhil4n.OrderBook(), dict[str, str]()

    def feed(order: Order) -> None:
        if order.target is not None:
            book.cancel_order(ids[order.target])
            return
        side = akhil4n.OrderSide.BID if order.buy else akhil4n.OrderSide.ASK
        if order.price is None:
            theirs = akhil4n.MarketOrder(side, order.quantity)
            book.add_market_order(theirs)
        else:
            # It takes any number for a price, and whole ones are faster than the Decimal that it names.
            theirs = akhil4n.Order(side, cast("Any", order.price), order.quantity)
            book.add_limit_order(theirs)
        ids[order.order] = theirs.order_id

    return feed


def _light() -> Feed:
    engine, placed = light.LightMatchingEngine(), dict[str, Any]()

    def feed(order: Order) -> None:
        if order.target is not None:
            theirs = placed[order.target]
            if theirs.leaves_qty:  # it doesn't forget what is filled, and fails then
                engine.cancel_order(theirs.order_id, "I")
            return
        price = order.price or (HIGHEST if order.buy else 1)  # what is left of a market order must not rest
        side = light.Side.BUY if order.buy else light.Side.SELL
        theirs, _ = engine.add_order("I", price, order.quantity, side)
        if order.price is None and theirs.leaves_qty:
            engine.cancel_order(theirs.order_id, "I")
        placed[order.order] = theirs

    return feed


class StandIn:
    """Stand-in for DynamoDB and SNS without a network: accepts everything, stores nothing, checks no condition."""

    def put_item(self, **_asked: object) -> Mapping[str, object]:
        return {}

    def publish_batch(self, **_asked: object) -> Mapping[str, object]:
        return {"Failed": []}

    def get_paginator(self, _operation: str) -> StandIn:
        return self

    def paginate(self, **_asked: object) -> list[Mapping[str, list[object]]]:
        return [{"Items": []}]


@contextmanager
def ledger(server: Server) -> Iterator[Session]:
    """Ledger with instruments, and accounts with funds. The server's log of statements is switched off."""
    with server.connect() as connection:
        connection.run("ALTER ROLE postgres SET log_statement = 'none'")
        connection.run("CREATE ROLE rds_iam")  # which Aurora has
    session = Session(server.connect())
    migrate(session)
    for number in range(INSTRUMENTS):
        homes.create(session, Terms(f"I{number}", f"B{number}", "USD", 1, 1), HERE)
    session.run(
        "INSERT INTO ledger.funds (account, asset, available) SELECT 'a' || account, asset, 1000000000000 "
        f"FROM generate_series(0, {ACCOUNTS - 1}) AS account, "
        f"(SELECT 'B' || i FROM generate_series(0, {INSTRUMENTS - 1}) AS i UNION ALL SELECT 'USD') AS assets (asset)"
    )
    session.run("ANALYZE")
    yield session
    session.close()


def _steady(books: Session, server: Server) -> tuple[Figures, int]:
    """Figures of orders that come at a steady rate, and the number of batches that the relay published meanwhile.

    An order that has to wait for the batch before it waits in the figures, too.
    """
    stand_in = cast("Any", StandIn())
    relay = Relay(
        cell=HERE,
        holder="bench",
        session=books,
        projections=Projections(stand_in, Tables("balances", "outcomes", "instruments")),
        publisher=Publisher(stand_in),
        topics=Topics("trades", "alerts"),
    )
    ended, told = threading.Event(), [0]

    def tell() -> None:
        while not ended.wait(0.05):
            told[0] += relay.relay_outbox() or 0

    teller = threading.Thread(target=tell)
    teller.start()
    matcher = Matcher(HERE, server.connect)
    try:
        figures = _offered(QueueConsumer(matcher), flow(WARM_UP + RATE * SECONDS, INSTRUMENTS))
    finally:
        ended.set()
        teller.join()
        matcher.close()
    return figures, told[0]


def _offered(handler: QueueConsumer, orders: Sequence[Order]) -> Figures:
    for first in range(0, WARM_UP, BATCH):
        _done(handler, orders[first : first + BATCH])
    counted, latencies, taken = orders[WARM_UP:], list[float](), 0
    began = time.perf_counter()
    while taken < len(counted):
        come = min(int((time.perf_counter() - began) * RATE) + 1, len(counted))
        if come == taken:
            time.sleep(max(0.0, began + taken / RATE - time.perf_counter()))
            continue
        batch = counted[taken : min(come, taken + BATCH)]
        _done(handler, batch)
        now = time.perf_counter()
        latencies += [now - began - number / RATE for number in range(taken, taken + len(batch))]
        taken += len(batch)
    return Figures.of(time.perf_counter() - began, latencies)


def _done(handler: QueueConsumer, orders: Sequence[Order]) -> None:
    if failures := handler.orders(sqs_event(orders))["batchItemFailures"]:
        sys.exit(
            f"{len(failures)} of {len(orders)} orders failed, for example {failures[0]['itemIdentifier']}"
        )
