"""Primary keys of the DynamoDB tables, by data set. Attributes that are in no key aren't declared to DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class TableKey:
    """Primary key of a table and its attribute for expiry. All attributes of keys are strings."""

    partition: str
    sort: str | None = None
    expires: str | None = (
        None  # time-to-live attribute: seconds since 1970, after which an item may be deleted
    )


TABLE_KEYS: Mapping[str, TableKey] = {
    # A customer's balance of each asset, with the number of the last ledger entry in it.
    "balances": TableKey("account", "asset"),
    # The answer to a client's request with this key. The ledger has the last word, by the order's own id.
    "idempotency": TableKey("key", expires="expires"),
    # Home cell and epoch, for routing alone: the ledger decides.
    "instruments": TableKey("instrument"),
    # The outcome of an order, for a day.
    "outcomes": TableKey("instrument", "id", expires="expires"),
    "profiles": TableKey("customer"),
    "sessions": TableKey("session", expires="expires"),
}
