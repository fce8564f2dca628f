"""Schema of orders in the queue's messages: limit orders, market orders and cancellations, in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

Kind = Literal["limit", "market", "cancel"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SIDES = ("buy", "sell")
MAX_NUMBER = 2**31 - 1  # of ticks and of lots: their product fits the ledger's 64 bits
NAME_FORM = re.compile(r"[!-~]{1,64}")


class OrderError(ValueError):
    """Message that isn't a valid order: what is wrong, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of an instrument: its assets, units of `base` in a lot, and units of `quote` in a tick, for a lot."""

    instrument: str
    base: str
    quote: str
    lot: int
    tick: int


@dataclass(frozen=True, slots=True)
class Order:
    """Order. Only a limit order has a `price` (ticks), only a cancellation a `target` order; `quantity` in lots."""

    order: str
    instrument: str
    account: str
    kind: Kind
    buy: bool = True
    price: int | None = None
    quantity: int = 0
    target: str | None = None

    @classmethod
    def parse(cls, text: str) -> Order:
        """Parses `text`, a JSON object. Raises OrderError."""
        try:
            fields = json.loads(text)
        except ValueError:
            raise OrderError("not JSON; write an object with order, instrument, account and kind") from None
        if not isinstance(fields, dict):
            raise OrderError("not an object; write one with order, instrument, account and kind")
        kind = fields.get("kind")
        if kind not in KINDS:
            raise OrderError(f"kind: {kind!r}; write one of {', '.join(KINDS)}")
        order, instrument, account = (_name(fields, name) for name in ("order", "instrument", "account"))
        if kind == "cancel":
            return cls(order, instrument, account, "cancel", target=_name(fields, "target"))
        if fields.get("side") not in SIDES:
            raise OrderError(f"side: {fields.get('side')!r}; write one of {', '.join(SIDES)}")
        return cls(
            order,
            instrument,
            account,
            cast("Kind", kind),
            fields["side"] == "buy",
            _number(fields, "price") if kind == "limit" else None,
            _number(fields, "quantity"),
        )

    def text(self) -> str:
        """JSON object that `parse` reads."""
        fields: dict[str, object] = {
            "order": self.order,
            "instrument": self.instrument,
            "account": self.account,
            "kind": self.kind,
        }
        if self.kind == "cancel":
            return json.dumps({**fields, "target": self.target})
        fields |= {"side": SIDES[not self.buy], "quantity": self.quantity}
        return json.dumps(fields if self.price is None else {**fields, "price": self.price})


def _name(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not NAME_FORM.fullmatch(value):
        raise OrderError(f"{name}: {value!r}; write 1 to 64 letters, digits or signs of ASCII")
    return value


def _number(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 < value <= MAX_NUMBER:
        raise OrderError(f"{name}: {value!r}; write a whole number from 1 to {MAX_NUMBER}")
    return value
