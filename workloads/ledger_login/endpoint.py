"""Endpoint of the ledger: certificate authorities, verified TLS and response timeout of every connection."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from pg8000.exceptions import InterfaceError
from pg8000.native import Connection

# Where Lambda's runtimes for Python keep the certificate authorities of RDS.
# https://docs.aws.amazon.com/lambda/latest/dg/services-rds.html
CERTIFICATE_AUTHORITIES = "/etc/pki/tls/cert.pem"
RESPONSE_TIMEOUT_SECONDS = 5
CONNECTION_LOST = (InterfaceError, OSError)


def certificate_authorities(environment: Mapping[str, str]) -> str:
    """File of certificate authorities in PEM: `DATABASE_CA` of the environment, or that of Lambda's runtime."""
    return environment.get("DATABASE_CA", CERTIFICATE_AUTHORITIES)


def verified_tls(authorities: str) -> ssl.SSLContext:
    """TLS that verifies the server's host name and its certificate by `authorities`, a file. Raises OSError."""
    return ssl.create_default_context(cafile=authorities)


@dataclass(frozen=True)
class Endpoint:
    """Host name that leads to the ledger's writer, its port, and the database there."""

    host: str
    port: int
    database: str

    def connect(self, user: str, password: str, *, tls: ssl.SSLContext, application: str) -> Connection:
        """Opens a connection, by the name `application` in PostgreSQL's statistics. Raises pg8000's errors."""
        return Connection(
            user,
            host=self.host,
            port=self.port,
            database=self.database,
            password=password,
            ssl_context=tls,
            timeout=RESPONSE_TIMEOUT_SECONDS,
            application_name=application,
        )
