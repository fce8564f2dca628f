"""Arguments of a service, the same on either runtime."""

from __future__ import annotations

from typing import Any

import pytest

from components.service_conventions import DEREGISTRATION_SECONDS, DRAIN_SECONDS, GRACE_SECONDS
from tests.unit.components.compute.given import DIGEST, service


def test_an_image_is_of_the_cells_own_registry_and_by_digest() -> None:
    registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    assert service().image == f"{registry}/castle/market-data@{DIGEST}"


def test_it_drains_for_longer_than_a_load_balancer_takes_to_let_go_of_it() -> None:
    assert DEREGISTRATION_SECONDS < DRAIN_SECONDS < GRACE_SECONDS


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"digest": "latest"},
            "market-data: latest is no digest of an image; write sha256: and 64 hex digits, since a tag may come to "
            "mean another image",
        ),
        (
            {"least": 4, "most": 3},
            "market-data: 4 to 3 replicas can't be; write 1 or more as least, and no fewer as most",
        ),
        (
            {"least": 0},
            "market-data: 0 to 30 replicas can't be; write 1 or more as least, and no fewer as most",
        ),
        ({"targets": {}}, "market-data: nobody reaches it; name a load balancer's target group in targets"),
    ],
)
def test_what_cant_be_is_refused_in_a_sentence(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError) as raised:
        service(**changes)
    assert str(raised.value) == says
