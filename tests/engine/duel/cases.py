"""Recorded cases: acts with what the CLI's engine did, one file each, named as a sentence.

Of all acts but the last only steps and errors are kept: up to there the engines were alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import yaml

from rehearsal.engine.options import EVERYTHING, OperationOptions
from tests.engine.duel.observation import Observation
from tests.engine.duel.stage import Act

FOLDER: Final = Path(__file__).parent / "cases"
_BRIEF: Final = ("failed", "steps", "errors")

Case = list[tuple[Act, Observation]]


def read(file: Path) -> Case:
    """Case of a file: each act with what is to be observed after it."""
    program, case = "", Case()
    for entry in yaml.load(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        program = entry.get("program", program)
        options = OperationOptions(**{k: _tuple(v) for k, v in entry.get("options", {}).items()})
        act = Act(
            operation=entry["operation"],
            program=program,
            options=options,
            refused=tuple(entry.get("refused", ())),
        )
        case.append((act, entry["cli"]))
    return case


def write(file: Path, acts: Sequence[Act], observations: Sequence[Observation]) -> None:
    """Writes acts as a case, with the CLI's observations."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before, entries = "", []
    for number, (act, observed) in enumerate(zip(acts, observations, strict=True), 1):
        brief = observed if number == len(acts) else {key: observed[key] for key in _BRIEF}
        entries.append({**_entry(act, before), "cli": brief})
        before = act.program
    file.write_text(yaml.dump(entries, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True))


def _entry(act: Act, before: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"operation": act.operation}
    if act.program != before:
        entry["program"] = act.program
    given = {
        field.name: getattr(act.options, field.name)
        for field in fields(OperationOptions)
        if getattr(act.options, field.name) != getattr(EVERYTHING, field.name)
    }
    if given:
        entry["options"] = {
            key: list(value) if isinstance(value, tuple) else value for key, value in given.items()
        }
    if act.refused:
        entry["refused"] = list(act.refused)
    return entry


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """Dumper that writes a text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
