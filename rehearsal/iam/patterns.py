"""Patterns of actions and ARNs: `*` is any text, `?` any character, `${...}` a variable of a policy."""

from __future__ import annotations

import functools
import re
from typing import Final

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
# Each is a text of one character in the policy language, for what a star would be.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
_LITERALS: Final = {"${*}", "${?}", "${$}"}
_ANY: Final = "*"
_ONE: Final = "?"


@functools.lru_cache(maxsize=8192)
def matches(pattern: str, text: str, *, case: bool = True) -> bool:
    """Returns whether a text is one that a pattern stands for; a variable stands for any text."""
    return (
        _compiled(pattern if case else pattern.lower()).fullmatch(text if case else text.lower()) is not None
    )


@functools.lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(map(_expression, _tokens(pattern))), re.DOTALL)


def _expression(token: str) -> str:
    return {_ANY: ".*", _ONE: "."}.get(token) or re.escape(token[-1])


@functools.lru_cache(maxsize=8192)
def overlap(one: str, other: str) -> bool:
    """Returns whether a text exists that both patterns stand for.

    ARNs are compared part by part, so that a star in one stands for no colon of the parts before the resource.
    """
    if one.startswith("arn:") and other.startswith("arn:"):
        pairs = list(zip(one.split(":", 5), other.split(":", 5), strict=False))
        return len(pairs) == 6 and all(_overlap(_tokens(mine), _tokens(theirs)) for mine, theirs in pairs)
    return _overlap(_tokens(one), _tokens(other))


def _tokens(pattern: str) -> tuple[str, ...]:
    """A star, a question mark, or a text of one character behind a backslash, for each place of a pattern."""
    found: list[str] = []
    at = 0
    while at < len(pattern):
        variable = _VARIABLE.match(pattern, at)
        if variable is None:
            found.append(pattern[at] if pattern[at] in (_ANY, _ONE) else f"\\{pattern[at]}")
            at += 1
        else:
            found.append(f"\\{variable[0][2]}" if variable[0] in _LITERALS else _ANY)
            at = variable.end()
    return tuple(found)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    # Places of `other` that can be reached with what of `one` was read.
    reached = _after_stars({0}, other)
    for token in one:
        if token == _ANY:
            reached = set(range(min(reached), len(other) + 1)) if reached else reached
        else:
            stayed = {at for at in reached if at < len(other) and other[at] == _ANY}
            moved = {at + 1 for at in reached if at < len(other) and _alike(token, other[at])}
            reached = _after_stars(stayed | moved, other)
    return len(other) in reached


def _alike(one: str, other: str) -> bool:
    return other != _ANY and (one == other or _ONE in (one, other))


def _after_stars(reached: set[int], tokens: tuple[str, ...]) -> set[int]:
    """The places, and those after stars there, which may stand for nothing."""
    return {after for at in reached for after in _past(at, tokens)}


def _past(at: int, tokens: tuple[str, ...]) -> range:
    end = at
    while end < len(tokens) and tokens[end] == _ANY:
        end += 1
    return range(at, end + 1)
