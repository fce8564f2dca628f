"""Entries of a policy pack: the functions that its `entries.yaml` names, to be run beside its policies.

A pack without that file has none. A file that names others than `NAMES`, or a function that isn't there, is an error.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.engine.events import FailedError

FILE: Final = "entries.yaml"
PLATFORM_FINDINGS: Final = "platform-findings"
FAILOVER_MOVES: Final = "failover-moves"
NAMES: Final = (PLATFORM_FINDINGS, FAILOVER_MOVES)


def read(pack: Path) -> dict[str, str]:
    """The entries of the pack in this folder, as `module:function` by name; none without the file.

    Raises FailedError for a file that hasn't each of `NAMES`, or has any other.
    """
    file = pack / FILE
    if not file.exists():
        return {}
    try:
        entries = yaml.safe_load(file.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FailedError(f"{file}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(entries, dict):
        raise FailedError(f"{file}: write {' and '.join(NAMES)}, each with a module:function of the pack")
    for name, entry in entries.items():
        if name not in NAMES:
            raise FailedError(f"{file}: {name}: no entry is called so; write {' or '.join(NAMES)}")
        module, colon, function = entry.partition(":") if isinstance(entry, str) else ("", "", "")
        if not (module and colon and function):
            raise FailedError(
                f"{file}: {name}: write module:function, for example controls.pack.exports:findings"
            )
    for name in NAMES:
        if name not in entries:
            raise FailedError(
                f"{file}: {name} is missing: name the pack's function for it, or delete the file"
            )
    return entries


def call(name: str, entry: str, arguments: Mapping[str, Any]) -> Any:
    """Runs an entry in this process, whose import path begins with the pack, and returns its result.

    Raises SystemExit, with a message, for an entry that isn't there.
    """
    module, _, function = entry.partition(":")
    try:
        home = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, and something that it imports isn't
        sys.exit(f"{FILE}: {name}: the pack has no module {module}")
    if not callable(getattr(home, function, None)):
        sys.exit(f"{FILE}: {name}: the pack's module {module} has no function {function}")
    return getattr(home, function)(**arguments)
