"""Requests to the pack, read once for all policies instead of once for each.

A field of a message is read at its first use, and kept; properties come as `decoding.py` reads them. What all stack
policies derive from a stack is derived once, too. `sdk_patches.py` says why, and puts it into the SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from google.protobuf import struct_pb2
from google.protobuf.message import Message

from controls.pack.requests import decoding

_made: ContextVar[dict[str, Any]] = ContextVar("made of the request that is being answered")

T = TypeVar("T")


class View:
    """View of a message: the same fields, quicker to read twice. Nobody writes to it."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        """Reads a field at its first use."""
        value = _viewed(getattr(self._message, name))
        setattr(self, name, value)
        return value


def shared(name: str, make: Callable[[], T]) -> T:
    """Result of `make` for the request that is being answered, made once and kept under that name."""
    kept = _made.get({})  # of no request: kept by nobody
    if name not in kept:
        kept[name] = make()
    return kept[name]


@contextmanager
def sharing() -> Iterator[None]:
    """Keeps what is `shared` to its end, or to that of the `sharing` around it."""
    if _made.get(None) is not None:
        yield
        return
    token = _made.set({})
    try:
        yield
    finally:
        _made.reset(token)


def reading_once(answer: Callable[[Any, Any, Any], T]) -> Callable[[Any, Message, Any], T]:
    """A method of the SDK's server, given a view of its request. `Remediate` gets none: it changes its properties."""

    def answered(servicer: Any, request: Message, context: Any) -> T:
        with sharing():
            return answer(servicer, View(request), context)

    return answered


def _viewed(value: Any) -> Any:
    if isinstance(value, (str, bytes, int, float)):
        return value
    if isinstance(value, struct_pb2.Struct):
        return decoding.plain(value)
    if isinstance(value, Message):
        return View(value)
    if isinstance(value, Mapping):
        return {key: _viewed(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_viewed(item) for item in value]
    return value
