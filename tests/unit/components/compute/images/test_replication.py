from __future__ import annotations

from components.compute.images.replication import ImageReplication, ImageReplicationArgs
from tests.unit.harness import run


def test_the_platforms_images_and_no_others_go_to_every_other_cell() -> None:
    args = ImageReplicationArgs(account="123456789012", prefix="castle", regions=["eu-west-1", "us-west-2"])
    made = run(lambda: ImageReplication("replication", args) and None)
    assert made.one("replication-registry").inputs["replicationConfiguration"] == {
        "rules": [
            {
                "destinations": [
                    {"region": "eu-west-1", "registryId": "123456789012"},
                    {"region": "us-west-2", "registryId": "123456789012"},
                ],
                "repositoryFilters": [{"filter": "castle/", "filterType": "PREFIX_MATCH"}],
            }
        ]
    }
