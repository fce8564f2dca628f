"""A login as the secret keeps it, and the one error of a rotation."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

ENGINES = ("postgres", "aurora-postgresql")
TEXTS = ("host", "dbname", "username", "password")
NEEDED = ", ".join(("engine", "port", *TEXTS))
ALPHABET = string.ascii_letters + string.digits  # RDS takes no / " @ or space, and nothing here needs quoting
LENGTH = 40


class RotationError(Exception):
    """What stops a rotation: what is wrong, where, and what to do. It never tells a password."""


@dataclass(frozen=True)
class Login:
    """How to sign in, and whatever else the secret keeps beside that. Its `repr` doesn't tell the password."""

    host: str
    port: int
    dbname: str
    username: str
    password: str = field(repr=False)
    rest: Mapping[str, object] = field(repr=False)

    @classmethod
    def parse(cls, text: str, where: str) -> Login:
        """The login that `text`, a JSON object, stands for. Raises RotationError, which says `where` it was read."""
        try:
            fields = json.loads(text)
        except ValueError:
            # The decoder's own error holds the whole text.
            raise RotationError(f"{where}: not JSON; write an object with {NEEDED}") from None
        if not isinstance(fields, dict):
            raise RotationError(f"{where}: not an object; write one with {NEEDED}")
        wrong = [name for name in TEXTS if not isinstance(fields.get(name), str) or not fields[name]]
        if fields.get("engine") not in ENGINES:
            wrong.append(f"engine ({' or '.join(ENGINES)})")
        if not str(fields.get("port")).isdecimal():
            wrong.append("port (a number)")
        if wrong:
            raise RotationError(
                f"{where}: missing or wrong: {', '.join(wrong)}; write an object with {NEEDED}"
            )
        return cls(
            host=fields.pop("host"),
            port=int(fields.pop("port")),
            dbname=fields.pop("dbname"),
            username=fields.pop("username"),
            password=fields.pop("password"),
            rest=fields,
        )

    def text(self) -> str:
        """What `parse` reads."""
        fields = {
            "host": self.host,
            "port": self.port,
            "dbname": self.dbname,
            "username": self.username,
            "password": self.password,
        }
        return json.dumps({**self.rest, **fields})

    def with_password(self, password: str) -> Login:
        return replace(self, password=password)

    @property
    def place(self) -> str:
        """Who signs in where, for people."""
        return f"{self.username} at {self.host}:{self.port}/{self.dbname}"


def new_password() -> str:
    """238 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
