from __future__ import annotations

import pytest

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import CloudResource
from tests.stacks.platform import ROOT, Platform
from tests.stacks.refused_inputs.recorded import Recorded, recorded_resources


@pytest.fixture(scope="module")
def things(platform: Platform) -> dict[str, CloudResource]:
    return dict(platform.things)


@pytest.fixture(scope="module")
def cloud(things: dict[str, CloudResource]) -> Cloud:
    return Cloud(things, ROOT / ".cache" / "schema")


@pytest.fixture(scope="module")
def recorded(platform: Platform) -> list[Recorded]:
    return list(recorded_resources(platform))
