"""Configuration of a policy pack: the enforcement level and parameters of every rule, as the CLI sends them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pulumi.runtime.proto import analyzer_pb2 as pb

from rehearsal.engine.events import FailedError
from rehearsal.values import Values, decode, encode

_LEVELS: Final = {
    "advisory": pb.ADVISORY,
    "mandatory": pb.MANDATORY,
    "disabled": pb.DISABLED,
    "remediate": pb.REMEDIATE,
}
_ALL: Final = "all"  # the level of every rule that has none of its own
_RESERVED: Final = (_ALL, "exceptions")  # keys of the file that are no rules


def policy_configs(policies: Iterable[pb.PolicyInfo], file: Path | None) -> dict[str, pb.PolicyConfig]:
    """Level and parameters of each rule: its defaults, overridden by the file, since a pack applies no defaults.

    Unknown names of the file are among them, so that the pack can refuse them in its own words; `unknown_policies`
    lists them. Raises FailedError for a file that is no configuration.
    """
    entries = _read(file) if file else {}
    level = _level(file, _ALL, entries.get(_ALL))
    known = {policy.name: policy for policy in policies}
    names = [*known, *(name for name in entries if name not in known and name not in _RESERVED)]
    configs = {
        name: _policy_config(known.get(name), level, file, name, entries.get(name, {})) for name in names
    }
    return configs if level is None else configs | {_ALL: pb.PolicyConfig(enforcementLevel=level)}


def unknown_policies(configs: Mapping[str, pb.PolicyConfig], policies: Iterable[pb.PolicyInfo]) -> list[str]:
    """Names in a configuration that no rule of the pack has."""
    return sorted(configs.keys() - {policy.name for policy in policies} - {_ALL})


def _read(file: Path) -> Mapping[str, Any]:
    try:
        entries = json.loads(file.read_text())
    except OSError as error:
        raise FailedError(
            f"{file}: {error.strerror}; name a file with the policy pack's configuration"
        ) from None
    except ValueError as error:
        raise FailedError(f"{file}: not JSON: {error}") from None
    if not isinstance(entries, dict):
        raise FailedError(f"{file}: write an object with a level or parameters by rule")
    return entries


def _policy_config(
    policy: pb.PolicyInfo | None,
    of_all: pb.EnforcementLevel.ValueType | None,
    file: Path | None,
    name: str,
    entry: Any,
) -> pb.PolicyConfig:
    """Level and parameters of one rule; `entry` is the file's: a level, or an object with a level and parameters."""
    given = {"enforcementLevel": entry} if isinstance(entry, str) else entry
    if not isinstance(given, dict):
        raise FailedError(f"{file}: {name}: write a level, or an object with parameters")
    level = _level(file, name, given.get("enforcementLevel"))
    if level is None:
        level = of_all
    if level is None:
        level = pb.ADVISORY if policy is None else policy.enforcementLevel
    parameters = {key: value for key, value in given.items() if key != "enforcementLevel"}
    return pb.PolicyConfig(
        enforcementLevel=level, properties=encode((_defaults(policy) if policy else {}) | parameters)
    )


def _level(file: Path | None, name: str, level: Any) -> pb.EnforcementLevel.ValueType | None:
    if level is None:
        return None
    if not isinstance(level, str) or level not in _LEVELS:
        raise FailedError(f"{file}: {name}: no level is called {level}; write one of {', '.join(_LEVELS)}")
    return _LEVELS[level]


def _defaults(policy: pb.PolicyInfo) -> Values:
    schema = decode(policy.configSchema.properties)
    return {key: entry["default"] for key, entry in schema.items() if "default" in entry}
