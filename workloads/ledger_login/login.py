"""Region of the ledger's writer, found by trying to log in: after a failover no other service has to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from workloads.ledger_login.token import signed

C = TypeVar("C")
Sign = Callable[[str, int, str, str], str]  # host, port, user and region


class LoginRefusedError(Exception):
    """The server refuses the token: PostgreSQL's SQLSTATE 28000 or 28P01."""


class NoWriterError(Exception):
    """No region's token is accepted; the text has the refusal of each."""


class WriterLogin:
    """Logs one user in to the writer behind the global writer endpoint, in whichever region it is.

    A token is signed for the region of the server that checks it, and the endpoint's name doesn't hold that. So the
    members' regions are tried, the one of the last login first: a switchover costs one refused login, once.
    """

    def __init__(
        self, *, host: str, port: int, user: str, regions: Sequence[str], sign: Sign = signed
    ) -> None:
        """`regions` are those of the ledger's members, in any order; those that write more often first."""
        if not regions:
            raise ValueError("regions: empty; name those of the ledger's members, for example us-east-1")
        self._host, self._port, self._user, self._sign = host, port, user, sign
        self._regions = tuple(regions)

    @property
    def region(self) -> str:
        """Region of the last login, which is tried first."""
        return self._regions[0]

    def open(self, connect: Callable[[str], C]) -> C:
        """Opens a connection by `connect`, which is given a token as the password.

        `connect` raises LoginRefusedError if the server refuses the token, upon which another region's is tried; any
        other error is the caller's. Raises NoWriterError if every region's is refused.
        """
        refused: list[str] = []
        for region in self._regions:
            try:
                opened = connect(self._sign(self._host, self._port, self._user, region))
            except LoginRefusedError as error:
                refused.append(f"signed for {region}: {error}")
                continue
            self._regions = (region, *(other for other in self._regions if other != region))
            return opened
        raise NoWriterError(
            f"{self._user} at {self._host}:{self._port} isn't let in ({'; '.join(refused)}); name the regions of all "
            "members of the ledger, and allow rds-db:connect in each"
        )
