"""Read-back of inputs: what AWS gives back is more than, or not quite, what was given. Data by type, column `back`.

For a map `back` has the entries that come along. For a list of objects it has rules: items that have all of `given`
come back with `as` over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.values import Value, Values, reveal_top


def given_back(values: Values, back: Mapping[str, Any]) -> Values:
    """Values as AWS gives them back; those that weren't given stay away."""
    return {name: _given_back(value, back[name]) if name in back else value for name, value in values.items()}


def _given_back(value: Value, rule: Any) -> Value:
    plain = reveal_top(value)
    if isinstance(rule, dict):
        return {**rule, **plain} if isinstance(plain, dict) else value
    return [_item(item, rule) for item in plain] if isinstance(plain, list) else value


def _item(item: Value, rules: Sequence[Mapping[str, Any]]) -> Value:
    plain = reveal_top(item)
    if not isinstance(plain, dict):
        return item
    for rule in rules:
        if all(plain.get(name) == wanted for name, wanted in rule["given"].items()):
            plain = {**plain, **rule["as"]}
    return plain


def added_entries(back: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Maps that come back with more entries than were given, by input."""
    return {name: rule for name, rule in back.items() if isinstance(rule, dict)}
