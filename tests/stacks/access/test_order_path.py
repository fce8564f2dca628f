"""An order has its whole way through every cell, whatever runs the services."""

from __future__ import annotations

import json

import pytest
import yaml

from rehearsal.cloud import external_changes
from rehearsal.release import release
from settings.catalogue import SERVICES
from tests.stacks.access.order_path import walk
from tests.stacks.platform import ROOT, Platform, engine, update
from tests.stacks.test_reach_page import changed

CELLS = ("us-east-1", "eu-west-1", "us-west-2")
DOMAIN = "castle.example"
ENOUGH = {"ec2/L-1216C47A": 64, "fargate/L-3032A538": 64}  # vCPUs for either runtime
OTHER = {"eks": "fargate", "fargate": "eks"}


def sizes(cell: str) -> dict:
    return yaml.safe_load((ROOT / f"Pulumi.{cell}.yaml").read_text())["config"]["castle:sizes"]


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The platform with every service on the runtime that the committed stack files don't give it."""
    with engine(tmp_path_factory.mktemp("turned")) as opened:
        for region in CELLS:
            opened.change_cloud(external_changes.quotas_raised(region, ENOUGH))
        for stack in opened.stacks():
            update(opened, stack, **turned_config(stack))
        release(opened)
        results = {stack: update(opened, stack, **turned_config(stack)) for stack in opened.stacks()}
        return Platform(results, dict(opened.store.resources))


def turned_config(stack: str) -> dict[str, str]:
    if stack not in CELLS:
        return {}
    found = sizes(stack)
    services = {name: found.get("services", {}).get(name, {}) for name in SERVICES}
    for service in services.values():
        service["runtime"] = OTHER[service.get("runtime", "eks")]
        service.pop("spot", None)  # of Fargate alone
    return {"castle:sizes": json.dumps({**found, "services": services})}


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_an_order_has_its_way_through_every_cell_on_either_runtime(
    platform: Platform, turned: Platform, cell: str
) -> None:
    ways = [walk(platform, cell, DOMAIN), walk(turned, cell, DOMAIN)]
    pods = [any(step.startswith("inside to pods of") for step in way) for way in ways]
    assert sorted(pods) == [False, True]  # one of each


CUTS = {
    "the authorizer's permission": ("aws:lambda/permission:Permission", ""),
    "the rule of the path": ("aws:lb/listenerRule:ListenerRule", "trading-api"),
    "the way to the ledger": ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "matcher"),
    "what the matcher takes": ("aws:lambda/eventSourceMapping:EventSourceMapping", ""),
    "the subscription": ("aws:sns/topicSubscription:TopicSubscription", ""),
    "the network policy": ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "trading-api"),
}


DEAREST = ("the way to the ledger", "the subscription")  # of all, by far


@pytest.mark.parametrize(
    "cut", [pytest.param(it, marks=pytest.mark.slow if it in DEAREST else ()) for it in CUTS]
)
def test_a_way_that_is_cut_is_found(platform: Platform, cut: str) -> None:
    type_, name = CUTS[cut]
    without = changed(platform, lambda it: None if it.type == type_ and name in it.urn else it)
    with pytest.raises(AssertionError, match="us-east-1: "):
        walk(without, "us-east-1", DOMAIN)
