"""Logins to PostgreSQL, always by verified TLS, and the change of a password that tells it to nobody."""

from __future__ import annotations

import base64
import contextlib
import ssl
from collections.abc import Callable

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection, literal
from scramp import ScramException, ScramMechanism

from workloads.rotation.login import Login, RotationError

# Where Lambda's runtimes for Python keep the authorities of RDS.
# https://docs.aws.amazon.com/lambda/latest/dg/services-rds.html
AUTHORITIES = "/etc/pki/tls/cert.pem"

ANSWER_SECONDS = 5
LOCK_SECONDS = 3.0  # less than the connection waits for an answer
IDLE_SECONDS = 15.0  # a frozen function loses the lock, and what it had not committed
LOCK = 0x636173746C65  # any number that nobody else locks by

WRONG_PASSWORD = "28P01"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
READ_ONLY = "25006"
LOCKED = "55P03"


class Session:
    """One login. A context manager, which ends it; what wasn't committed is undone."""

    def __init__(self, connection: Connection, login: Login) -> None:
        self._connection, self._login = connection, login

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(InterfaceError, OSError):  # the server was first
            self._connection.close()

    def change_password(self, password: str, wanted: Callable[[], bool]) -> None:
        """Gives the role that has signed in another password. Its old one opens nothing from then on.

        Attempts come one after another: only when the others have ended is it asked whether this one is still
        `wanted`, which may raise. The server only gets the verifier that it would store, so that neither its log nor
        its statistics can show the password.
        """
        try:
            self._connection.run("BEGIN")
            self._connection.run(f"SET LOCAL lock_timeout = {LOCK_SECONDS * 1000:.0f}")  # milliseconds
            self._connection.run(f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_SECONDS * 1000:.0f}")
            self._connection.run(f"SELECT pg_advisory_xact_lock({LOCK})")
            if wanted():
                self._connection.run(f"ALTER ROLE CURRENT_USER PASSWORD {literal(verifier(password))}")
                self._connection.run("COMMIT")
        except (DatabaseError, InterfaceError, OSError) as error:
            # What the server says of a statement may hold parts of it.
            raise RotationError(f"{self._login.place}: the password wasn't changed: {_why(error)}") from None


class Database:
    """Signs in to the server that a login names, if its certificate is signed by one of the `authorities`."""

    def __init__(self, authorities: str) -> None:
        try:
            self._tls = ssl.create_default_context(cafile=authorities)
        except OSError as error:
            raise RotationError(
                f"DATABASE_CA: {authorities}: {error.strerror}; name a file of certificates in PEM"
            ) from None

    def sign_in(self, login: Login) -> Session | None:
        """None if the password is wrong. Raises RotationError if that can't be found out."""
        try:
            connection = Connection(
                login.username,
                host=login.host,
                port=login.port,
                database=login.dbname,
                password=login.password,
                ssl_context=self._tls,
                timeout=ANSWER_SECONDS,
                application_name="rotation",
            )
        except DatabaseError as error:
            if _code(error) == WRONG_PASSWORD:
                return None
            raise RotationError(f"{login.place}: the server refuses: {error.args[0].get('M')}") from None
        except (InterfaceError, OSError, ScramException) as error:
            raise RotationError(f"{login.place}: no connection: {error}") from None
        return Session(connection, login)

    def opens(self, login: Login) -> bool:
        """Whether the login works."""
        session = self.sign_in(login)
        if session is None:
            return False
        with session:
            return True


def verifier(password: str) -> str:
    """What PostgreSQL stores for a password, and takes instead of one.

    https://www.postgresql.org/docs/current/catalog-pg-authid.html
    """
    salt, stored, server, iterations = ScramMechanism("SCRAM-SHA-256").make_auth_info(password)
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${iterations}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _code(error: DatabaseError) -> str:
    return error.args[0].get("C", "")


def _why(error: DatabaseError | InterfaceError | OSError) -> str:
    if not isinstance(error, DatabaseError):
        return f"the connection was lost ({error})"
    known = {
        READ_ONLY: "the server only reads; the host must be the global writer endpoint",
        LOCKED: "another attempt holds the lock; it is tried again",
    }
    return known.get(_code(error), f"SQLSTATE {_code(error)}")
