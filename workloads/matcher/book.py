"""Order book of one instrument with price-time priority. Pure: without funds, and without the ledger."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple


class RestingOrder:
    """Resting order of the book; its `remaining` quantity is never 0."""

    __slots__ = ("account", "buy", "order", "price", "remaining")

    def __init__(self, order: str, account: str, buy: bool, price: int, remaining: int) -> None:
        self.order, self.account, self.buy, self.price, self.remaining = order, account, buy, price, remaining


class Fill(NamedTuple):
    """Trade with a resting order, the maker: its order, its account, and its quantity that remains."""

    maker: str
    account: str
    price: int
    quantity: int
    maker_remaining: int


class Placement(NamedTuple):
    """Result of placing an order: each lot of it is filled, rests or is cancelled."""

    fills: list[Fill]
    rests: int
    cancelled: int
    self_trade_prevented: bool


class DuplicateOrderError(ValueError):
    """An order with this id rests already. Callers drop orders that they have placed before."""


@dataclass(frozen=True)
class Level:
    """Price level: total quantity of the resting orders at one price."""

    price: int
    quantity: int


class _Side:
    """Bids or asks. The better a price, the higher its key, so that the best level is the last."""

    __slots__ = ("keys", "levels")

    def __init__(self) -> None:
        self.keys: list[int] = []  # sorted; those of `levels`
        self.levels: dict[int, OrderedDict[str, RestingOrder]] = {}

    def add(self, key: int, order: RestingOrder) -> None:
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


class OrderBook:
    """Order book with price-time priority; a trade is at the price of the resting order.

    Prices are whole ticks and quantities whole lots, both positive. Self-trade prevention: when an order meets one of
    its own account, the rest of the newer one is cancelled. Market orders never rest.
    """

    def __init__(self) -> None:
        self._bids, self._asks = _Side(), _Side()
        self._orders: dict[str, RestingOrder] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, order: str) -> bool:
        return order in self._orders

    def get(self, order: str) -> RestingOrder | None:
        """Resting order of an id, if there is one."""
        return self._orders.get(order)

    def place(self, order: str, account: str, buy: bool, price: int | None, quantity: int) -> Placement:
        """Matches an order; one without a price is a market order. The rest of a limit order rests in the book.

        Raises DuplicateError, and changes nothing, if the id rests already.
        """
        orders = self._orders
        if order in orders:
            raise DuplicateOrderError(f"order {order} rests already")
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
                return Placement(fills, 0, quantity, self_trade_prevented=True)
        if price is None or not quantity:
            return Placement(fills, 0, quantity, self_trade_prevented=False)
        self.rest(RestingOrder(order, account, buy, price, quantity))
        return Placement(fills, quantity, 0, self_trade_prevented=False)

    def rest(self, order: RestingOrder) -> None:
        """Adds an order behind those of its price, without matching: to rebuild a book."""
        self._orders[order.order] = order
        side, key = (self._bids, order.price) if order.buy else (self._asks, -order.price)
        side.add(key, order)

    def cancel(self, order: str) -> RestingOrder | None:
        """Removes an order, and returns it; None if it doesn't rest."""
        resting = self._orders.pop(order, None)
        if resting is None:
            return None
        if resting.buy:
            self._bids.remove(resting.price, order)
        else:
            self._asks.remove(-resting.price, order)
        return resting

    def market_order_cost(self, account: str, quantity: int) -> int:
        """Sum of price times quantity that a market order to buy would pay now, up to an order of its account."""
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
        """Price levels of one side, the best first."""
        side = self._bids if buy else self._asks
        return [
            Level(abs(key), sum(order.remaining for order in side.levels[key].values()))
            for key in reversed(side.keys)
        ]

    def resting(self) -> list[RestingOrder]:
        """All resting orders, those of one price by time."""
        return list(self._orders.values())
