"""The primary keys of the tables, by data set. Attributes that are in no key aren't declared to DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class TableKey:
    """All attributes are texts."""

    partition: str
    sort: str | None = None
    expires: str | None = None  # the attribute with the second, since 1970, from which on an item may go


TABLE_KEYS: Mapping[str, TableKey] = {
    # A customer's balance of each asset, with the number of the last ledger entry in it.
    "balances": TableKey("account", "asset"),
    # What a client's request of this key was answered. The ledger has the last word, by the order's own id.
    "idempotency": TableKey("key", expires="expires"),
    # Home cell and epoch, for routing alone: the ledger decides.
    "instruments": TableKey("instrument"),
    # What became of an order, for a day.
    "outcomes": TableKey("instrument", "id", expires="expires"),
    "profiles": TableKey("customer"),
    "sessions": TableKey("session", expires="expires"),
}
