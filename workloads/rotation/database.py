"""Password changes in PostgreSQL that show the password to nobody: verified TLS, and a SCRAM verifier only."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection, literal
from scramp import ScramException, ScramMechanism

from workloads.ledger_login.endpoint import CONNECTION_LOST, verified_tls
from workloads.ledger_login.sqlstate import (
    INVALID_PASSWORD,
    LOCK_NOT_AVAILABLE,
    READ_ONLY_TRANSACTION,
    sqlstate,
)
from workloads.rotation.credentials import Credentials, RotationError

LOCK_TIMEOUT_SECONDS = 3.0  # less than RESPONSE_TIMEOUT_SECONDS of a connection
IDLE_TIMEOUT_SECONDS = 15.0  # a frozen function loses the lock, and its uncommitted changes
ROTATION_LOCK = 0x636173746C65  # key of an advisory lock; any number that nothing else locks by


class Session:
    """Session of the role that is logged in. A context manager, which ends it; uncommitted changes are undone."""

    def __init__(self, connection: Connection, credentials: Credentials) -> None:
        self._connection, self._credentials = connection, credentials

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(*CONNECTION_LOST):  # the server has ended it already
            self._connection.close()

    def change_password(self, password: str, still_wanted: Callable[[], bool]) -> None:
        """Changes the password of the role that is logged in. The old one is refused from then on.

        Attempts run one after another, by an advisory lock: `still_wanted`, which may raise, is called only when the
        others have ended. The server only gets the verifier that it would store, so that neither its log nor its
        statistics can show the password.
        """
        try:
            self._connection.run("BEGIN")
            self._connection.run(
                f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_SECONDS * 1000:.0f}"
            )  # milliseconds
            self._connection.run(
                f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_TIMEOUT_SECONDS * 1000:.0f}"
            )
            self._connection.run(f"SELECT pg_advisory_xact_lock({ROTATION_LOCK})")
            if still_wanted():
                self._connection.run(f"ALTER ROLE CURRENT_USER PASSWORD {literal(scram_verifier(password))}")
                self._connection.run("COMMIT")
        except (DatabaseError, *CONNECTION_LOST) as error:
            # The server's message about a statement may hold parts of it.
            raise RotationError(
                f"{self._credentials.description}: the password wasn't changed: {_reason(error)}"
            ) from None


class Database:
    """Logs in to PostgreSQL servers whose certificate is signed by one of `authorities`, a file in PEM."""

    def __init__(self, authorities: str) -> None:
        try:
            self._tls = verified_tls(authorities)
        except OSError as error:
            raise RotationError(
                f"DATABASE_CA: {authorities}: {error.strerror}; name a file of certificates in PEM"
            ) from None

    def sign_in(self, credentials: Credentials) -> Session | None:
        """Opens a session; None if the password is wrong. Raises RotationError for any other failure."""
        try:
            connection = credentials.endpoint.connect(
                credentials.username, credentials.password, tls=self._tls, application="rotation"
            )
        except DatabaseError as error:
            if sqlstate(error) == INVALID_PASSWORD:
                return None
            raise RotationError(
                f"{credentials.description}: the server refuses: {error.args[0].get('M')}"
            ) from None
        except (*CONNECTION_LOST, ScramException) as error:
            raise RotationError(f"{credentials.description}: no connection: {error}") from None
        return Session(connection, credentials)

    def opens(self, credentials: Credentials) -> bool:
        """Returns whether the server accepts the credentials."""
        session = self.sign_in(credentials)
        if session is None:
            return False
        with session:
            return True


def scram_verifier(password: str) -> str:
    """SCRAM verifier of a password, which PostgreSQL stores, and accepts in place of the password.

    https://www.postgresql.org/docs/current/catalog-pg-authid.html
    """
    salt, stored, server, iterations = ScramMechanism("SCRAM-SHA-256").make_auth_info(password)
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${iterations}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _reason(error: DatabaseError | InterfaceError | OSError) -> str:
    if not isinstance(error, DatabaseError):
        return f"the connection was lost ({error})"
    known = {
        READ_ONLY_TRANSACTION: "the server only reads; the host must be the global writer endpoint",
        LOCK_NOT_AVAILABLE: "another attempt holds the lock; it is tried again",
    }
    return known.get(sqlstate(error), f"SQLSTATE {sqlstate(error)}")
