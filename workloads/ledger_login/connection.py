"""Connections to the ledger's writer, by a token and by TLS that is verified."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from workloads.ledger_login.login import LoginRefusedError, WriterLogin

# Where Lambda's runtimes for Python keep the authorities of RDS.
# https://docs.aws.amazon.com/lambda/latest/dg/services-rds.html
AUTHORITIES = "/etc/pki/tls/cert.pem"
ANSWER_SECONDS = 5

REFUSED = ("28000", "28P01")  # https://www.postgresql.org/docs/current/errcodes-appendix.html


@dataclass(frozen=True)
class Place:
    """Where a ledger is: the endpoint that leads to its writer, and what the server's certificate is signed by."""

    host: str
    port: int
    database: str
    authorities: str = AUTHORITIES

    def connect(self, user: str, password: str) -> Connection:
        """Raises pg8000's errors."""
        return Connection(
            user,
            host=self.host,
            port=self.port,
            database=self.database,
            password=password,
            ssl_context=ssl.create_default_context(cafile=self.authorities),
            timeout=ANSWER_SECONDS,
            application_name=user,
        )


class Writer:
    """Signs one user in to whoever writes. A new connection follows a failover."""

    def __init__(self, place: Place, user: str, login: WriterLogin) -> None:
        self._place, self._user, self._login = place, user, login

    def connect(self) -> Connection:
        """Raises NoWriterError if the user isn't let in, and else what pg8000 raises."""
        return self._login.open(self._opened)

    def _opened(self, token: str) -> Connection:
        try:
            return self._place.connect(self._user, token)
        except DatabaseError as error:
            said = error.args[0]
            if said.get("C") in REFUSED:
                raise LoginRefusedError(f"{said.get('C')}: {said.get('M')}") from None
            raise
