"""Clearing of a batch of orders: matches them in the order book, and computes trades and balance changes. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from workloads.matcher.book import Fill, OrderBook
from workloads.matcher.orders import Order, Terms

Status = Literal["open", "filled", "cancelled", "rejected", "done"]  # done: a cancellation that succeeded
Balance = tuple[str, str]  # account and asset

INSUFFICIENT_FUNDS = "not enough funds"
ORDER_NOT_OPEN = "no open order of this account with that id"
SELF_TRADE = "met an order of its own account"
NO_LIQUIDITY = "nothing left to trade with"
CANCELLED_ON_REQUEST = "on demand"


class Trade(NamedTuple):
    """Trade. `maker` and `taker` are orders, `buyer` and `seller` accounts; price in ticks, quantity in lots."""

    maker: str
    taker: str
    buyer: str
    seller: str
    price: int
    quantity: int


@dataclass(slots=True)
class OrderState:
    """State of an order. Its unfilled quantity rests while it is open, else never will be filled, for `reason`."""

    order: Order | None  # None if it came with an earlier batch
    status: Status
    unfilled: int
    reason: str | None = None


@dataclass
class BatchChanges:
    """Changes that a batch makes in one instrument. The balance changes of each asset add up to zero."""

    orders: dict[str, OrderState] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    # additions to the available and the held amount
    balances: defaultdict[Balance, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


class Clearing:
    """Clears one instrument's batch, order by order.

    A limit order to buy has its price held until it trades or is cancelled, one to sell its quantity; a market order
    to buy needs funds for its whole cost. An order without enough funds is rejected whole.
    """

    def __init__(self, terms: Terms, book: OrderBook, available: dict[Balance, int]) -> None:
        """`available` has the funds of all accounts of the orders, in both assets. It and the book are changed."""
        self.changes = BatchChanges()
        self._terms, self._book, self._available = terms, book, available

    def apply(self, order: Order) -> None:
        """Matches or cancels as an order asks. Its id must be new."""
        if order.kind == "cancel":
            self._cancel(order, order.target or "")
        else:
            self._trade(order)

    def _trade(self, order: Order) -> None:
        terms, price = self._terms, order.price
        if order.buy:
            ticks = (
                self._book.market_order_cost(order.account, order.quantity)
                if price is None
                else price * order.quantity
            )
            worth, asset = ticks * terms.tick, terms.quote
        else:
            worth, asset = order.quantity * terms.lot, terms.base
        if worth > self._available.get((order.account, asset), 0):
            self.changes.orders[order.order] = OrderState(
                order, "rejected", order.quantity, INSUFFICIENT_FUNDS
            )
            return
        self._move(order.account, asset, -worth, worth)

        placed = self._book.place(order.order, order.account, order.buy, price, order.quantity)
        for fill in placed.fills:
            self._settle(order, fill)
        if placed.cancelled and (not order.buy or price is not None):
            self._release(order.account, order.buy, price, placed.cancelled)
        self.changes.orders[order.order] = OrderState(
            order,
            "open" if placed.rests else "cancelled" if placed.cancelled else "filled",
            placed.rests or placed.cancelled,
            (SELF_TRADE if placed.self_trade_prevented else NO_LIQUIDITY) if placed.cancelled else None,
        )

    def _cancel(self, order: Order, target: str) -> None:
        resting = self._book.get(target)
        if resting is None or resting.account != order.account:
            self.changes.orders[order.order] = OrderState(order, "rejected", 0, ORDER_NOT_OPEN)
            return
        self._book.cancel(target)
        self._release(resting.account, resting.buy, resting.price, resting.remaining)
        self._touch(target, "cancelled", resting.remaining, CANCELLED_ON_REQUEST)
        self.changes.orders[order.order] = OrderState(order, "done", 0)

    def _settle(self, taker: Order, fill: Fill) -> None:
        terms, quantity = self._terms, fill.quantity
        buyer, seller = (taker.account, fill.account) if taker.buy else (fill.account, taker.account)
        self.changes.trades.append(
            Trade(fill.maker, taker.order, buyer, seller, fill.price, quantity),
        )
        # Only a taker's limit order to buy may have had more held than it pays.
        held_at = taker.price if taker.buy and taker.price is not None else fill.price
        pays = fill.price * quantity * terms.tick
        held = held_at * quantity * terms.tick
        self._move(buyer, terms.quote, held - pays, -held)
        self._move(buyer, terms.base, quantity * terms.lot, 0)
        self._move(seller, terms.base, 0, -quantity * terms.lot)
        self._move(seller, terms.quote, pays, 0)
        self._touch(fill.maker, "open" if fill.maker_remaining else "filled", fill.maker_remaining, None)

    def _release(self, account: str, buy: bool, price: int | None, quantity: int) -> None:
        terms = self._terms
        if buy:
            asset, worth = terms.quote, (price or 0) * quantity * terms.tick
        else:
            asset, worth = terms.base, quantity * terms.lot
        self._move(account, asset, worth, -worth)

    def _touch(self, order: str, status: Status, unfilled: int, reason: str | None) -> None:
        state = self.changes.orders.setdefault(order, OrderState(None, status, unfilled))
        state.status, state.unfilled, state.reason = status, unfilled, reason

    def _move(self, account: str, asset: str, available: int, held: int) -> None:
        change = self.changes.balances[account, asset]
        change[0] += available
        change[1] += held
        if (account, asset) in self._available:
            self._available[account, asset] += available
