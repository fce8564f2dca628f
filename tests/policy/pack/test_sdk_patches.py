"""The patches of the SDK go in where the installed SDK has its places for them, and leave any other SDK alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from controls.pack import sdk_patches
from pulumi_policy import policy

from tests.root import PACK


@pytest.mark.parametrize("path", sdk_patches.PATCHED)
def test_the_sdk_has_every_attribute_that_is_patched(path: str) -> None:
    found: Any = policy
    for name in path.split("."):
        found = getattr(found, name)
    assert callable(found) or path == "json_format"


def test_the_sdk_is_the_version_with_which_the_patches_were_seen() -> None:
    pinned = dict(
        line.split("==") for line in (PACK / "requirements.txt").read_text().splitlines() if "==" in line
    )
    assert pinned["pulumi_policy"] == sdk_patches.SEEN_WITH


def test_installing_replaces_just_the_attributes_that_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    servicer = getattr(policy, sdk_patches.SERVICER)
    copies = {name: value for name, value in vars(servicer).items() if callable(value)}
    copied = SimpleNamespace(**copies)
    names = (*sdk_patches.DECODING, sdk_patches.SERVICER)
    sdk = SimpleNamespace(**{**vars(policy), sdk_patches.SERVICER: copied})
    monkeypatch.setattr(sdk_patches, "policy", sdk)
    sdk_patches.install()
    changed = {name for name, value in vars(policy).items() if getattr(sdk, name) is not value}
    assert changed == set(names)
    replaced = {f"{sdk_patches.SERVICER}.{it}" for it in copies if getattr(copied, it) is not copies[it]}
    assert replaced | set(sdk_patches.DECODING) == set(sdk_patches.PATCHED)


@pytest.mark.parametrize(
    "sdk", [SimpleNamespace(), SimpleNamespace(**{sdk_patches.SERVICER: SimpleNamespace()})]
)
def test_an_sdk_without_the_attributes_is_left_alone(monkeypatch: pytest.MonkeyPatch, sdk: Any) -> None:
    before = dict(vars(sdk))
    monkeypatch.setattr(sdk_patches, "policy", sdk)
    sdk_patches.install()
    assert vars(sdk) == before
    assert not vars(getattr(sdk, sdk_patches.SERVICER, SimpleNamespace()))
