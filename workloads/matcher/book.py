"""The order book of one instrument: price, then time. Pure: it knows neither funds nor the ledger."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple


class Resting:
    """An order in the book. `remaining` is never 0 there."""

    __slots__ = ("account", "buy", "order", "price", "remaining")

    def __init__(self, order: str, account: str, buy: bool, price: int, remaining: int) -> None:
        self.order, self.account, self.buy, self.price, self.remaining = order, account, buy, price, remaining


class Fill(NamedTuple):
    """A trade with an order that rested. `left` is what remains of that one."""

    maker: str
    account: str
    price: int
    quantity: int
    left: int


class Placement(NamedTuple):
    """What became of an order when it came in: all that isn't filled or rests was cancelled."""

    fills: list[Fill]
    rests: int
    cancelled: int
    met_own: bool  # cancelled because it met an order of its own account


class DuplicateError(ValueError):
    """An order with this id rests already. Whoever feeds the book drops what has been fed before."""


@dataclass(frozen=True)
class Level:
    """All that is offered or asked for at one price."""

    price: int
    quantity: int


class _Side:
    """Orders of one side. A price's key is the higher the better, so that the best level is the last."""

    __slots__ = ("keys", "levels")

    def __init__(self) -> None:
        self.keys: list[int] = []  # sorted; those of `levels`
        self.levels: dict[int, OrderedDict[str, Resting]] = {}

    def add(self, key: int, order: Resting) -> None:
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = OrderedDict()
            keys = self.keys
            if keys and key < keys[-1]:
                keys.insert(bisect_left(keys, key), key)
            else:
                keys.append(key)
        level[order.order] = order

    def remove(self, key: int, order: str) -> None:
        level = self.levels[key]
        del level[order]
        if not level:
            del self.levels[key]
            del self.keys[bisect_left(self.keys, key)]


class Book:
    """Price-time priority; a trade is at the price of the order that rested.

    Prices are whole ticks and quantities whole lots, both positive. An order never trades with one of its own
    account: what remains of the newer one is cancelled when it meets the older. Market orders never rest.
    """

    def __init__(self) -> None:
        self._bids, self._asks = _Side(), _Side()
        self._orders: dict[str, Resting] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, order: str) -> bool:
        return order in self._orders

    def get(self, order: str) -> Resting | None:
        """The order, if it rests."""
        return self._orders.get(order)

    def place(self, order: str, account: str, buy: bool, price: int | None, quantity: int) -> Placement:
        """Matches an order, a market order if it has no price, and keeps what remains of a limit order.

        Raises DuplicateError, and changes nothing, if the id rests already.
        """
        orders = self._orders
        if order in orders:
            raise DuplicateError(f"order {order} rests already")
        opposite = self._asks if buy else self._bids
        keys, levels = opposite.keys, opposite.levels
        fills: list[Fill] = []
        # The worst key that may still be traded with.
        worst = (keys[0] if keys else 0) if price is None else -price if buy else price
        met_own = False
        while quantity and keys and keys[-1] >= worst:
            key = keys[-1]
            level = levels[key]
            at = -key if buy else key
            while quantity and level:
                maker = next(iter(level.values()))
                if maker.account == account:
                    met_own = True
                    break
                left = maker.remaining - quantity
                if left > 0:
                    fills.append(Fill(maker.order, maker.account, at, quantity, left))
                    maker.remaining = left
                    quantity = 0
                else:
                    fills.append(Fill(maker.order, maker.account, at, maker.remaining, 0))
                    quantity -= maker.remaining
                    del level[maker.order], orders[maker.order]
            if not level:
                keys.pop()
                del levels[key]
            if met_own:
                return Placement(fills, 0, quantity, met_own=True)
        if price is None or not quantity:
            return Placement(fills, 0, quantity, met_own=False)
        self.rest(Resting(order, account, buy, price, quantity))
        return Placement(fills, quantity, 0, met_own=False)

    def rest(self, order: Resting) -> None:
        """Adds an order behind those of its price, without matching: for a book that is built anew."""
        self._orders[order.order] = order
        side, key = (self._bids, order.price) if order.buy else (self._asks, -order.price)
        side.add(key, order)

    def cancel(self, order: str) -> Resting | None:
        """Takes an order out, and returns it; None if it doesn't rest."""
        resting = self._orders.pop(order, None)
        if resting is None:
            return None
        if resting.buy:
            self._bids.remove(resting.price, order)
        else:
            self._asks.remove(-resting.price, order)
        return resting

    def cost(self, account: str, quantity: int) -> int:
        """The sum of price times quantity that a market order to buy would pay now, own orders as in `place`."""
        total = 0
        for key in reversed(self._asks.keys):
            for maker in self._asks.levels[key].values():
                if maker.account == account or not quantity:
                    return total
                taken = min(quantity, maker.remaining)
                total += -key * taken
                quantity -= taken
        return total

    def depth(self, buy: bool) -> list[Level]:
        """The levels of one side, the best first."""
        side = self._bids if buy else self._asks
        return [
            Level(abs(key), sum(order.remaining for order in side.levels[key].values()))
            for key in reversed(side.keys)
        ]

    def resting(self) -> list[Resting]:
        """All orders, those of one price by time."""
        return list(self._orders.values())
