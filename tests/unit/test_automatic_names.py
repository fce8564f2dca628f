"""Automatic names: short enough for AWS in whatever cells the platform has."""

from __future__ import annotations

import pytest

from rehearsal.cloud.types import type_table
from rehearsal.cloud.types.schema import Schemas
from tests.root import SCHEMAS
from tests.unit.harness import Run, committed, main, run

ADDED = 8  # characters that Pulumi adds to the logical name
# The longest names of regions, which are the names of most cells, too.
FAR = {"eu-west-1": "ap-southeast-1", "us-west-2": "ap-northeast-1"}


@pytest.fixture(scope="module")
def far_away() -> list[Run]:
    """The birth cell of a platform whose other cells have the longest names, and one of those."""
    birth = run(main, stack="us-east-1", config=_moved(committed("us-east-1")))
    config = _moved(committed("eu-west-1"))
    return [birth, run(main, stack=FAR["eu-west-1"], config=config, stacks={"us-east-1": birth.outputs})]


def _moved(config: dict[str, str]) -> dict[str, str]:
    for near, far in FAR.items():
        config = {key: text.replace(near, far) for key, text in config.items()}
    return config


def overlong(runs: list[Run]) -> dict[str, int]:
    """Lengths of the automatic names that are longer than AWS takes, by logical name."""
    schemas = Schemas(SCHEMAS)
    found: dict[str, int] = {}
    for each in (it for one in runs for it in one.resources if it.custom and it.type.startswith("aws:")):
        naming = type_table.type_row(each.type, schemas.of(each.type)).name
        if naming is None or {naming.of, f"{naming.of}Prefix"} & each.inputs.keys():
            continue
        length = len(naming.prefix + each.name) + ADDED
        if length > naming.max:
            found[each.name] = length
    return found


def test_names_fit_however_the_cells_are_called(far_away: list[Run]) -> None:
    assert {"ap-southeast-1", "ap-northeast-1"} <= {
        str(it.inputs.get("region")) for it in far_away[0].resources
    }
    assert overlong(far_away) == {}


def test_a_name_that_is_too_long_is_found(far_away: list[Run]) -> None:
    (vault, *_) = far_away[0].of("Vault")
    longer = {**vars(vault), "name": "v" * 43}
    assert overlong([Run([type(vault)(**longer)], [], set(), {})]) == {"v" * 43: 51}
