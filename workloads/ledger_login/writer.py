"""Connections to the ledger's writer by IAM authentication token: each one follows a failover."""

from __future__ import annotations

from dataclasses import dataclass

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

from workloads.ledger_login.endpoint import Endpoint, verified_tls
from workloads.ledger_login.login import LoginRefusedError, WriterLogin
from workloads.ledger_login.sqlstate import INVALID_AUTHORIZATION, INVALID_PASSWORD, sqlstate


@dataclass(frozen=True)
class Writer:
    """Signs one user in to the writer, whose certificate is verified by the file `authorities`."""

    endpoint: Endpoint
    user: str
    login: WriterLogin
    authorities: str

    def connect(self) -> Connection:
        """Opens a connection. Raises NoWriterError if the user isn't let in, and else what pg8000 raises."""
        return self.login.open(self._connect)

    def _connect(self, token: str) -> Connection:
        try:
            return self.endpoint.connect(
                self.user, token, tls=verified_tls(self.authorities), application=self.user
            )
        except DatabaseError as error:
            if (code := sqlstate(error)) in (INVALID_AUTHORIZATION, INVALID_PASSWORD):
                raise LoginRefusedError(f"{code}: {error.args[0].get('M')}") from None
            raise
