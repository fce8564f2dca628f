"""SQLSTATE codes of PostgreSQL that are answered in a way of their own, by PostgreSQL's names for them.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from pg8000.exceptions import DatabaseError

INVALID_AUTHORIZATION = "28000"
INVALID_PASSWORD = "28P01"
READ_ONLY_TRANSACTION = "25006"
LOCK_NOT_AVAILABLE = "55P03"
UNIQUE_VIOLATION = "23505"


def sqlstate(error: DatabaseError) -> str:
    """SQLSTATE code of an error; empty if it has none."""
    return error.args[0].get("C", "")
