"""SDK preload: the modules and types that are loaded ahead of a program."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi import _types

from rehearsal.engine.processes import sdk_preload
from rehearsal.engine.processes.sdk_preload import Preload


def test_what_the_sources_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text('import pulumi_aws as aws\naws.sns.Topic("a", aws.sns.nothing())\n')
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "other.py").write_text("aws.rds.Cluster()")
    used = sdk_preload.preload_of(tmp_path)
    assert {"pulumi_aws", "pulumi_aws.sns"} <= set(used.modules)
    assert used.classes == ["pulumi_aws.sns.Topic", "pulumi_aws.sns.TopicArgs"]
    assert "pulumi_aws.rds" not in used.modules


def test_types_are_known_afterwards_down_to_the_innermost_and_names_without_a_thing_are_passed_over() -> None:
    _types._types_from_py_properties.cache_clear()
    sdk_preload.load(
        Preload(["pulumi_aws.lb", "pulumi_aws.nothing"], ["pulumi_aws.lb.Listener", "pulumi_aws.lb.Nothing"])
    )
    before = _types._types_from_py_properties.cache_info().misses
    outputs = _types.resource_types(__import__("pulumi_aws").lb.Listener)
    (action,) = outputs["default_actions" if "default_actions" in outputs else "defaultActions"].__args__
    assert "authenticateCognito" in _types.output_type_types(action)
    assert _types._types_from_py_properties.cache_info().misses == before


def test_a_module_of_our_own_that_has_moved_is_not_passed_over() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"rehearsal\.engine\.processes\.moved"):
        sdk_preload.load(Preload(["rehearsal.engine.processes.moved"], []))
