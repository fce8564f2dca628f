"""Images of services: digests by service, of those that have one."""

from __future__ import annotations

import pytest
import yaml

from tests.root import ROOT
from tests.unit.settings.given import cell, edge, refusal

DIGEST = "sha256:" + "ab" * 32


def test_none_is_committed_for_none_can_be_pushed_before_the_first_update() -> None:
    for file in ROOT.glob("Pulumi.*.yaml"):
        assert "castle:images" not in yaml.safe_load(file.read_text())["config"], file.name
    assert yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]["images"]["default"] == {}


def test_a_service_with_a_digest_has_an_image_and_the_others_have_none() -> None:
    assert cell(images={"market-data": DIGEST}).images == {"market-data": DIGEST}


@pytest.mark.parametrize("image", ["latest", "sha256:ab", DIGEST.upper(), f"trading-api@{DIGEST}", ""])
def test_an_image_is_named_by_its_digest_alone(image: str) -> None:
    line = refusal(images={"trading-api": image})
    shown = image or '""'
    assert line.startswith(f"castle:images.trading-api: {shown} is not the digest of an image, sha256:")
    assert "then the service isn't deployed" in line


def test_an_unknown_service_is_told_the_nearest() -> None:
    assert refusal(images={"trading": DIGEST}) == (
        "castle:images.trading: unknown key; did you mean castle:images.trading-api?"
    )


def test_images_that_all_stacks_inherit_are_nothing_to_global() -> None:
    assert edge(images={"trading-api": DIGEST}) == edge()
