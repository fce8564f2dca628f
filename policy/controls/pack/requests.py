"""What the pack is asked, read once for all policies instead of once for each.

The SDK walks through the same message anew for every policy, and for a stack policy through the whole stack:
with hundreds of rules that took most of a pack's time. Here a field of a message is read when it is first asked
for, and kept; properties come as `decoding.py` reads them. What all stack policies make of a stack is made once, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from google.protobuf import struct_pb2
from google.protobuf.message import Message
from pulumi_policy import policy as sdk

from controls.pack import decoding

SERVICER: Final = "_PolicyAnalyzerServicer"
# A remediation isn't among them: it may write to what it gets.
METHODS: Final = ("Analyze", "AnalyzeStack")

_made: ContextVar[dict[str, Any]] = ContextVar("made of the request that is being answered")

T = TypeVar("T")


class View:
    """A message, which looks the same and is quicker to read twice. Nobody writes to it."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        """A field that nobody has asked for yet."""
        value = _viewed(getattr(self._message, name))
        setattr(self, name, value)
        return value


def install() -> None:
    """Has the SDK use it, in this process, which uses `decoding.py` already.

    Where a later SDK has no such methods, nothing is changed.
    """
    servicer = getattr(sdk, SERVICER, None)
    for name in METHODS:
        if answer := getattr(servicer, name, None):
            setattr(servicer, name, _reading_once(answer))


def shared(name: str, make: Callable[[], T]) -> T:
    """What `make` makes of the request that is being answered: whoever asks first has it made, under that name."""
    kept = _made.get({})  # of no request: kept by nobody
    if name not in kept:
        kept[name] = make()
    return kept[name]


def _reading_once(answer: Callable[[Any, Any, Any], T]) -> Callable[[Any, Message, Any], T]:
    def answered(servicer: Any, request: Message, context: Any) -> T:
        token = _made.set({})
        try:
            return answer(servicer, View(request), context)
        finally:
            _made.reset(token)

    return answered


def _viewed(value: Any) -> Any:
    if isinstance(value, struct_pb2.Struct):
        return decoding.plain(value)
    if isinstance(value, Message):
        return View(value)
    if isinstance(value, Mapping):
        return {key: _viewed(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_viewed(item) for item in value]
    return value
