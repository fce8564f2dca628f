"""A session with the ledger: statements that are prepared once, and transactions."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection, PreparedStatement

LOST = (InterfaceError, OSError)  # of a connection
SCHEMA_LOCK = 0x6C6564676572  # any number that nobody else locks by

# Every statement here reaches few rows by their keys, whatever size a table had when it was prepared. What can
# only be scanned then looks so dear that PostgreSQL would compile it, which takes longer than all else.
BY_KEY = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off"


class Session:
    """One connection, which is used by one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._prepared: dict[str, PreparedStatement] = {}
        self.run(BY_KEY)

    def run(self, statement: str, **values: Any) -> list[list[Any]]:
        """The rows that a statement gives. Without values it isn't prepared, and may be several."""
        if not values:
            return self._connection.run(statement) or []
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = self._connection.prepare(statement)
        return prepared.run(**values) or []

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits what is done inside, or nothing of it."""
        self.run("BEGIN")
        try:
            yield
            self.run("COMMIT")
        except LOST:
            raise
        except Exception:
            self.run("ROLLBACK")
            raise

    def close(self) -> None:
        """Ends the connection; what wasn't committed is undone."""
        with contextlib.suppress(*LOST):  # the server was first
            self._connection.close()


def rows(values: Iterable[Mapping[str, object]]) -> str:
    """Rows as a statement takes them: many in one value, in one trip."""
    return json.dumps(list(values), separators=(",", ":"))


def sqlstate(error: DatabaseError) -> str:
    """PostgreSQL's code: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    return error.args[0].get("C", "")


def migrate(session: Session) -> None:
    """Makes the schema `ledger` and its roles, unless they are there. Whoever comes at the same time waits."""
    with session.transaction():
        session.run(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})")
        session.run("CREATE SCHEMA IF NOT EXISTS ledger")
        session.run(
            "CREATE TABLE IF NOT EXISTS ledger.versions (version int PRIMARY KEY, at timestamptz DEFAULT now())"
        )
        done = {version for (version,) in session.run("SELECT version FROM ledger.versions")}
        for version, name in enumerate(("ledger.sql", "roles.sql"), start=1):
            if version not in done:
                session.run((resources.files("workloads.matcher") / name).read_text(encoding="utf-8"))
                session.run(f"INSERT INTO ledger.versions VALUES ({version})")
