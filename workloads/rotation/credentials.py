"""Credentials of the ledger's administrator as the secret's JSON holds them, and new passwords."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workloads.ledger_login.endpoint import Endpoint

ENGINES = ("postgres", "aurora-postgresql")
TEXT_FIELDS = ("host", "dbname", "username", "password")
REQUIRED_FIELDS = ", ".join(("engine", "port", *TEXT_FIELDS))
# RDS takes no / " @ or space, and none of these needs quoting.
PASSWORD_ALPHABET = string.ascii_letters + string.digits
PASSWORD_LENGTH = 40


class RotationError(Exception):
    """Failure of a rotation's step: what is wrong, where, and what to do. The text never holds a password."""


@dataclass(frozen=True)
class Credentials:
    """User, password and endpoint, with all other fields of the secret. `repr` doesn't show the password."""

    host: str
    port: int
    dbname: str
    username: str
    password: str = field(repr=False)
    other_fields: Mapping[str, object] = field(repr=False)

    @classmethod
    def parse(cls, text: str, where: str) -> Credentials:
        """Parses `text`, a JSON object. Raises RotationError, which names `where` the text was read."""
        try:
            fields = json.loads(text)
        except ValueError:
            # The decoder's own error holds the whole text.
            raise RotationError(f"{where}: not JSON; write an object with {REQUIRED_FIELDS}") from None
        if not isinstance(fields, dict):
            raise RotationError(f"{where}: not an object; write one with {REQUIRED_FIELDS}")
        wrong = [name for name in TEXT_FIELDS if not isinstance(fields.get(name), str) or not fields[name]]
        if fields.get("engine") not in ENGINES:
            wrong.append(f"engine ({' or '.join(ENGINES)})")
        if not str(fields.get("port")).isdecimal():
            wrong.append("port (a number)")
        if wrong:
            raise RotationError(
                f"{where}: missing or wrong: {', '.join(wrong)}; write an object with {REQUIRED_FIELDS}"
            )
        return cls(
            host=fields.pop("host"),
            port=int(fields.pop("port")),
            dbname=fields.pop("dbname"),
            username=fields.pop("username"),
            password=fields.pop("password"),
            other_fields=fields,
        )

    def to_json(self) -> str:
        """JSON object that `parse` reads."""
        fields = {
            "host": self.host,
            "port": self.port,
            "dbname": self.dbname,
            "username": self.username,
            "password": self.password,
        }
        return json.dumps({**self.other_fields, **fields})

    def with_password(self, password: str) -> Credentials:
        return replace(self, password=password)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.host, self.port, self.dbname)

    @property
    def description(self) -> str:
        """User and endpoint, for messages."""
        return f"{self.username} at {self.host}:{self.port}/{self.dbname}"


def new_password() -> str:
    """Random password of 238 bits."""
    return "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_LENGTH))
