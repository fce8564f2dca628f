"""The functions that `entries.yaml` names are there, and take what a caller gives them."""

from __future__ import annotations

import importlib
import inspect

import pytest
import yaml

from tests.root import PACK

ENTRIES: dict[str, str] = yaml.safe_load((PACK / "entries.yaml").read_text())


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_a_function_of_stacks(name: str) -> None:
    module, _, function = ENTRIES[name].partition(":")
    inspect.signature(getattr(importlib.import_module(module), function)).bind(stacks={})
