"""The cases of all rules."""

from __future__ import annotations

import importlib
import pkgutil

from tests.policy import cases
from tests.policy.case import Cases

MODULES: dict[str, dict[str, Cases]] = {
    it.name.removeprefix(f"{cases.__name__}."): importlib.import_module(it.name).CASES
    for it in pkgutil.walk_packages(cases.__path__, f"{cases.__name__}.")
    if not it.ispkg
}
ALL: dict[str, Cases] = {rule: each for module in MODULES.values() for rule, each in module.items()}
