"""The cases of all rules."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.policy.cases import Cases

ALL: dict[str, Cases] = {
    rule: cases
    for path in sorted(Path(__file__).parent.glob("cases_*.py"))
    for rule, cases in importlib.import_module(f"tests.policy.{path.stem}").CASES.items()
}
