"""What an operator asks of the ledger, one thing at a time: each may be asked again, and is done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pg8000.exceptions import DatabaseError

from workloads.matcher import homes
from workloads.matcher.database import Session, migrate, sqlstate
from workloads.matcher.orders import Terms

DEPOSIT = "SELECT ledger.deposit(:deposit, :account, :asset, CAST(:amount AS bigint))"
TERMS = "SELECT instrument, base, quote, lot, tick FROM ledger.homes WHERE instrument = :instrument"
TAKEN = "23505"  # https://www.postgresql.org/docs/current/errcodes-appendix.html

Fields = Mapping[str, object]


class RequestError(Exception):
    """What is asked can't be done as it stands: what is wrong, and what to write instead."""


def do(session: Session, cell: str, asked: Fields) -> dict[str, object]:
    """Does what `asked` says, as the ledger's administrator; gives what became of it. Raises RequestError."""
    wanted = asked.get("do")
    if not isinstance(wanted, str) or wanted not in DEEDS:
        raise RequestError(f"do: {wanted}; it must be one of {', '.join(DEEDS)}")
    return {"done": wanted, **DEEDS[wanted](session, cell, asked)}


def _migrate(session: Session, _cell: str, _asked: Fields) -> dict[str, object]:
    migrate(session)
    return {}


def _found(session: Session, cell: str, asked: Fields) -> dict[str, object]:
    instrument, base, quote = (_text(asked, name) for name in ("instrument", "base", "quote"))
    terms = Terms(instrument, base, quote, _number(asked, "lot"), _number(asked, "tick"))
    try:
        homes.found(session, terms, cell)
    except DatabaseError as error:
        if sqlstate(error) != TAKEN:
            raise
        (kept,) = session.run(TERMS, instrument=terms.instrument)
        if Terms(*kept) != terms:
            raise RequestError(f"{terms.instrument}: it has other terms, {Terms(*kept)}, for ever") from None
        return {"instrument": terms.instrument, "new": False}
    return {"instrument": terms.instrument, "new": True}


def _follow(session: Session, cell: str, _asked: Fields) -> dict[str, object]:
    homes.follow_writer(session, cell)
    return {"cell": cell}


def _deposit(session: Session, _cell: str, asked: Fields) -> dict[str, object]:
    texts = {name: _text(asked, name) for name in ("deposit", "account", "asset")}
    try:
        ((new,),) = session.run(DEPOSIT, **texts, amount=_number(asked, "amount"))
    except DatabaseError as error:
        if sqlstate(error) != TAKEN:
            raise
        raise RequestError(error.args[0].get("M")) from None
    return {"deposit": texts["deposit"], "new": new}


DEEDS: Mapping[str, Callable[[Session, str, Fields], dict[str, object]]] = {
    "migrate": _migrate,
    "found": _found,
    "follow": _follow,
    "deposit": _deposit,
}


def _text(asked: Fields, name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise RequestError(f"{name}: {value!r}; it must be a text that isn't empty")
    return value


def _number(asked: Fields, name: str) -> int:
    value = asked.get(name)
    if type(value) is not int or not 0 < value < 2**63:
        raise RequestError(f"{name}: {value!r}; it must be a whole number above 0")
    return value
