"""What orders do to a book and to funds. Pure: it gathers what the ledger then commits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from workloads.matcher.book import Book, Fill
from workloads.matcher.orders import Order, Terms

Status = Literal["open", "filled", "cancelled", "rejected", "done"]  # done: what was to be cancelled is
Balance = tuple[str, str]  # account and asset

NO_FUNDS = "not enough funds"
NOT_OPEN = "no open order of this account with that id"
MET_OWN = "met an order of its own account"
NOTHING_LEFT = "nothing left to trade with"
ON_DEMAND = "on demand"


class Trade(NamedTuple):
    """`maker` and `taker` are orders, `buyer` and `seller` accounts; ticks and lots."""

    maker: str
    taker: str
    buyer: str
    seller: str
    price: int
    quantity: int


@dataclass(slots=True)
class Became:
    """An order's state: what isn't filled rests if it is open, and never will be if not. `reason` says why."""

    order: Order | None  # None if it came with an earlier batch
    status: Status
    unfilled: int
    reason: str | None = None


@dataclass
class Cleared:
    """All that a batch changes in one instrument. Per asset, the changes of balances add up to nothing."""

    orders: dict[str, Became] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    # what is added to the available and the held part
    balances: defaultdict[Balance, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


class Clearing:
    """One instrument's batch, order by order.

    A limit order to buy has its price held until it trades or is cancelled, one to sell what it sells; a market order
    to buy must be able to pay all that it would buy. What can't be paid is rejected whole.
    """

    def __init__(self, terms: Terms, book: Book, available: dict[Balance, int]) -> None:
        """`available` is of all accounts that orders come from, in both assets. It and the book are changed."""
        self.cleared = Cleared()
        self._terms, self._book, self._available = terms, book, available

    def take(self, order: Order) -> None:
        """Does what an order asks. Its id must be new."""
        if order.kind == "cancel":
            self._cancel(order, order.target or "")
        else:
            self._trade(order)

    def _trade(self, order: Order) -> None:
        terms, price = self._terms, order.price
        if order.buy:
            ticks = (
                self._book.cost(order.account, order.quantity) if price is None else price * order.quantity
            )
            worth, asset = ticks * terms.tick, terms.quote
        else:
            worth, asset = order.quantity * terms.lot, terms.base
        if worth > self._available.get((order.account, asset), 0):
            self.cleared.orders[order.order] = Became(order, "rejected", order.quantity, NO_FUNDS)
            return
        self._move(order.account, asset, -worth, worth)

        placed = self._book.place(order.order, order.account, order.buy, price, order.quantity)
        for fill in placed.fills:
            self._settle(order, fill)
        if placed.cancelled and (not order.buy or price is not None):
            self._release(order.account, order.buy, price, placed.cancelled)
        self.cleared.orders[order.order] = Became(
            order,
            "open" if placed.rests else "cancelled" if placed.cancelled else "filled",
            placed.rests or placed.cancelled,
            (MET_OWN if placed.met_own else NOTHING_LEFT) if placed.cancelled else None,
        )

    def _cancel(self, order: Order, target: str) -> None:
        resting = self._book.get(target)
        if resting is None or resting.account != order.account:
            self.cleared.orders[order.order] = Became(order, "rejected", 0, NOT_OPEN)
            return
        self._book.cancel(target)
        self._release(resting.account, resting.buy, resting.price, resting.remaining)
        self._touch(target, "cancelled", resting.remaining, ON_DEMAND)
        self.cleared.orders[order.order] = Became(order, "done", 0)

    def _settle(self, taker: Order, fill: Fill) -> None:
        terms, quantity = self._terms, fill.quantity
        buyer, seller = (taker.account, fill.account) if taker.buy else (fill.account, taker.account)
        self.cleared.trades.append(
            Trade(fill.maker, taker.order, buyer, seller, fill.price, quantity),
        )
        # Only the buyer of a limit order that came in may have had more held than it pays.
        held_at = taker.price if taker.buy and taker.price is not None else fill.price
        pays = fill.price * quantity * terms.tick
        held = held_at * quantity * terms.tick
        self._move(buyer, terms.quote, held - pays, -held)
        self._move(buyer, terms.base, quantity * terms.lot, 0)
        self._move(seller, terms.base, 0, -quantity * terms.lot)
        self._move(seller, terms.quote, pays, 0)
        self._touch(fill.maker, "open" if fill.left else "filled", fill.left, None)

    def _release(self, account: str, buy: bool, price: int | None, quantity: int) -> None:
        terms = self._terms
        if buy:
            asset, worth = terms.quote, (price or 0) * quantity * terms.tick
        else:
            asset, worth = terms.base, quantity * terms.lot
        self._move(account, asset, worth, -worth)

    def _touch(self, order: str, status: Status, unfilled: int, reason: str | None) -> None:
        became = self.cleared.orders.setdefault(order, Became(None, status, unfilled))
        became.status, became.unfilled, became.reason = status, unfilled, reason

    def _move(self, account: str, asset: str, available: int, held: int) -> None:
        change = self.cleared.balances[account, asset]
        change[0] += available
        change[1] += held
        if (account, asset) in self._available:
            self._available[account, asset] += available
