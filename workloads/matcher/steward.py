"""Operators' commands on the ledger: migrate, found, follow and deposit. Each is idempotent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pg8000.exceptions import DatabaseError

from workloads.ledger_login.sqlstate import UNIQUE_VIOLATION, sqlstate
from workloads.matcher import homes
from workloads.matcher.migration import migrate
from workloads.matcher.orders import Terms
from workloads.matcher.session import Session

DEPOSIT = "SELECT ledger.deposit(:deposit, :account, :asset, CAST(:amount AS bigint))"
TERMS = "SELECT instrument, base, quote, lot, tick FROM ledger.homes WHERE instrument = :instrument"

Request = Mapping[str, object]


class RequestError(Exception):
    """Command that can't be executed as it stands: what is wrong, and what to write instead."""


def execute(session: Session, cell: str, request: Request) -> dict[str, object]:
    """Executes the command `do` of a request, in a session of the administrator. Raises RequestError."""
    command = request.get("do")
    if not isinstance(command, str) or command not in COMMANDS:
        raise RequestError(f"do: {command}; it must be one of {', '.join(COMMANDS)}")
    return {"done": command, **COMMANDS[command](session, cell, request)}


def _migrate(session: Session, _cell: str, _request: Request) -> dict[str, object]:
    migrate(session)
    return {}


def _found_home(session: Session, cell: str, request: Request) -> dict[str, object]:
    instrument, base, quote = (_text(request, name) for name in ("instrument", "base", "quote"))
    terms = Terms(instrument, base, quote, _number(request, "lot"), _number(request, "tick"))
    try:
        homes.create(session, terms, cell)
    except DatabaseError as error:
        if sqlstate(error) != UNIQUE_VIOLATION:
            raise
        (kept,) = session.run(TERMS, instrument=terms.instrument)
        if Terms(*kept) != terms:
            raise RequestError(f"{terms.instrument}: it has other terms, {Terms(*kept)}, for ever") from None
        return {"instrument": terms.instrument, "new": False}
    return {"instrument": terms.instrument, "new": True}


def _follow(session: Session, cell: str, _request: Request) -> dict[str, object]:
    homes.follow_writer(session, cell)
    return {"cell": cell}


def _deposit(session: Session, _cell: str, request: Request) -> dict[str, object]:
    texts = {name: _text(request, name) for name in ("deposit", "account", "asset")}
    try:
        ((new,),) = session.run(DEPOSIT, **texts, amount=_number(request, "amount"))
    except DatabaseError as error:
        if sqlstate(error) != UNIQUE_VIOLATION:
            raise
        raise RequestError(error.args[0].get("M")) from None
    return {"deposit": texts["deposit"], "new": new}


COMMANDS: Mapping[str, Callable[[Session, str, Request], dict[str, object]]] = {
    "migrate": _migrate,
    "found": _found_home,
    "follow": _follow,
    "deposit": _deposit,
}


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not value:
        raise RequestError(f"{name}: {value!r}; it must be a text that isn't empty")
    return value


def _number(request: Request, name: str) -> int:
    value = request.get(name)
    if type(value) is not int or not 0 < value < 2**63:
        raise RequestError(f"{name}: {value!r}; it must be a whole number above 0")
    return value
