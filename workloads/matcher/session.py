"""Sessions with the ledger: prepared statements, and transactions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pg8000.native import Connection, PreparedStatement

from workloads.ledger_login.endpoint import CONNECTION_LOST

# Every statement reads few rows by their keys, whatever size a table had when it was prepared. A table that can only
# be scanned then has such a high cost that PostgreSQL would compile the statement (JIT), the slowest part of all.
INDEX_SCANS_ONLY = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off"
)


class Session:
    """Session on one connection, for one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._prepared: dict[str, PreparedStatement] = {}
        self.run(INDEX_SCANS_ONLY)

    def run(self, statement: str, **values: Any) -> list[list[Any]]:
        """Runs a statement, and returns its rows. Without values it isn't prepared, and may be several statements."""
        if not values:
            return self._connection.run(statement) or []
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = self._connection.prepare(statement)
        return prepared.run(**values) or []

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits all statements that are run inside, or none."""
        self.run("BEGIN")
        try:
            yield
            self.run("COMMIT")
        except CONNECTION_LOST:
            raise
        except Exception:
            self.run("ROLLBACK")
            raise

    def close(self) -> None:
        """Ends the connection; an open transaction is rolled back."""
        with contextlib.suppress(*CONNECTION_LOST):  # the server has ended it already
            self._connection.close()


def json_rows(values: Iterable[Mapping[str, object]]) -> str:
    """JSON array of rows: one value, and so one round trip, for any number of them."""
    return json.dumps(list(values), separators=(",", ":"))
