"""The cases of all rules."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.policy.case import Cases

ALL: dict[str, Cases] = {
    rule: cases
    for path in sorted(Path(__file__).with_name("cases").glob("[a-z]*.py"))
    for rule, cases in importlib.import_module(f"tests.policy.cases.{path.stem}").CASES.items()
}
