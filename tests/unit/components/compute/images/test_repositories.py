from __future__ import annotations

import json
from dataclasses import replace

import pytest

from components.compute.images.repositories import ImageRepositories, ImageRepositoriesArgs
from tests.unit.harness import Run, run

ARGS = ImageRepositoriesArgs(
    prefix="castle",
    images=["trading-api", "accounts"],
    key_arn="arn:key",
    keep=50,
    tags={"data-set": "images"},
    retire=False,
)


@pytest.fixture(scope="module")
def made() -> Run:
    return run(lambda: ImageRepositories("images", ARGS) and None)


def test_each_image_has_a_repository_under_the_prefix(made: Run) -> None:
    names = {each.inputs["name"] for each in made.of("Repository")}
    assert names == {"castle/trading-api", "castle/accounts"}


def test_a_tag_stands_for_one_image_and_each_is_scanned(made: Run) -> None:
    for each in made.of("Repository"):
        assert each.inputs["imageTagMutability"] == "IMMUTABLE"
        assert each.inputs["imageScanningConfiguration"] == {"scanOnPush": True}


def test_images_are_encrypted_with_the_key(made: Run) -> None:
    for each in made.of("Repository"):
        assert each.inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": "arn:key"}]


def test_repositories_say_which_data_set_they_hold(made: Run) -> None:
    assert {each.inputs["tags"]["data-set"] for each in made.of("Repository")} == {"images"}


def test_what_nobody_names_expires_and_the_youngest_stay(made: Run) -> None:
    for image in ARGS.images:
        policy = made.one(f"images-{image}-lifecycle").inputs
        assert policy["repository"] == f"castle/{image}"
        untagged, surplus = json.loads(policy["policy"])["rules"]
        assert (untagged["selection"]["tagStatus"], untagged["selection"]["countNumber"]) == ("untagged", 14)
        # A rule for any image must come last.
        assert surplus["rulePriority"] > untagged["rulePriority"]
        assert (surplus["selection"]["tagStatus"], surplus["selection"]["countNumber"]) == ("any", 50)


def test_repositories_are_protected_and_go_with_their_images_when_the_cell_retires(made: Run) -> None:
    assert {(each.protect, each.inputs["forceDelete"]) for each in made.of("Repository")} == {(True, False)}
    retiring = run(lambda: ImageRepositories("images", replace(ARGS, retire=True)) and None)
    assert {(each.protect, each.inputs["forceDelete"]) for each in retiring.of("Repository")} == {
        (False, True)
    }
