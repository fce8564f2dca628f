"""Configuration of policies: a file that names what doesn't exist is refused.

    python -m controls.pack.configuration castle.json

The CLI accepts a name that no rule has, and the rule that was meant keeps its defaults. It also takes the level
`remediate` for a rule without a remedy, as mandatory: here that is refused, and `all` at that level means the
rules that have one, while the others keep their own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import json_format
from pulumi.runtime import proto

from controls.language.rules import Rule
from controls.pack import pulumi_policies, registry
from controls.pack.exceptions import Waivers

LEVELS: Final = ("advisory", "mandatory", "remediate", "disabled")

# Keys of the file that are no rules: the level of all, and what newer CLIs keep for themselves.
_RESERVED: Final = ("all", "exceptions")
_LEVEL: Final = "enforcementLevel"
_LEVEL_NAMES: Final = {number: name.lower() for name, number in proto.EnforcementLevel.items()}

_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def complaints(config: Mapping[str, Any], rules: Iterable[Rule] | None = None) -> Iterator[str]:
    """Mistakes of a configuration: where, and what to write instead."""
    known = {rule.name: rule for rule in (_of_the_pack() if rules is None else rules)}
    for name, entry in config.items():
        if name in known:
            yield from _entry(known[name], entry)
        elif name not in _RESERVED:
            yield f"{name}: no rule is called so{_nearest(name, known)}"
        elif name == "all" and entry not in LEVELS:
            yield f"all: write one of {', '.join(LEVELS)}"


def _of_the_pack() -> tuple[Rule, ...]:
    return (*registry.rules(), *Waivers().rules())


def _entry(rule: Rule, entry: Any) -> Iterator[str]:
    """Mistakes of an entry: a level alone, or an object with a level and parameters."""
    params = pulumi_policies.parameters(rule)
    if not isinstance(entry, dict):
        if entry not in _levels(rule):
            yield f"{rule.name}: write one of {', '.join(_levels(rule))}, or an object with parameters"
        return
    for name, value in entry.items():
        if name == _LEVEL:
            if value not in _levels(rule):
                yield f"{rule.name}.{_LEVEL}: write one of {', '.join(_levels(rule))}"
        elif name not in params:
            yield f"{rule.name}.{name}: the rule has no such parameter{_nearest(name, params)}"
        elif not _fits(value, params[name].default):
            yield f"{rule.name}.{name}: write {_KINDS[type(params[name].default)]}"


def _levels(rule: Rule) -> list[str]:
    return [it for it in LEVELS if it != "remediate" or rule.remedy]


def _nearest(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, known, n=1)
    return f"; write {found[0]}" if found else ""


def _fits(value: Any, default: Any) -> bool:
    """Returns whether a value is of the kind of a parameter's default; numbers come over the wire as floats."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return type(value) is type(default)


def refusing(configure: Callable[..., Any]) -> Callable[..., Any]:
    """`Configure` of the SDK's server, which answers a wrong configuration with an error: its `complaints`."""

    def refused(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        entries = dict(request.policyConfig.items())
        # The CLI sends it as if it were a rule, beside what follows from it.
        of_all = entries.pop("all", None)
        if of_all and of_all.enforcementLevel == proto.REMEDIATE:
            _spare(entries)
        given = {
            name: {**json_format.MessageToDict(it.properties), _LEVEL: _LEVEL_NAMES[it.enforcementLevel]}
            for name, it in entries.items()
        }
        if wrong := list(complaints(given)):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "; ".join(wrong))
        return configure(self, request, context)

    return refused


def _spare(entries: Mapping[str, Any]) -> None:
    """Gives rules at the level `remediate` that have no remedy their own levels."""
    for rule in _of_the_pack():
        entry = entries.get(rule.name)
        if entry is not None and entry.enforcementLevel == proto.REMEDIATE and not rule.remedy:
            entry.enforcementLevel = proto.MANDATORY if rule.mandatory else proto.ADVISORY


def main(file: str) -> int:
    """Prints the mistakes of a file; 1 if there are any."""
    found = list(complaints(json.loads(Path(file).read_text())))
    for it in found:
        sys.stderr.write(f"{file}: {it}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
