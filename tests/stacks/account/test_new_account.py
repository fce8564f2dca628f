"""A new account: the roles that the committed program brings into it, and the quotas that must be raised before."""

from __future__ import annotations

from pathlib import Path

import yaml

from rehearsal.cloud import baseline
from rehearsal.cloud.account.linked_roles import LINKED_ROLE
from rehearsal.cloud.account.quotas import Need, applied, needs, quotas_record
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.types.schema import Schemas
from tests.root import ROOT, SCHEMAS
from tests.stacks.platform import Platform

MADE = yaml.safe_load(Path(__file__).with_name("linked_roles.yaml").read_text())["made"]


def test_services_make_these_service_linked_roles_and_none_is_there_before(platform: Platform) -> None:
    found = [it for it in platform.things.values() if it.type == LINKED_ROLE]
    assert sorted(str(it.inputs["awsServiceName"]) for it in found) == MADE
    assert [it.urn for it in found] == [""] * len(found)
    assert not [it for it in baseline.resources().values() if it.type == LINKED_ROLE]


# ---- quotas


def inventory_of(platform: Platform, *, raised: bool) -> Inventory:
    """The platform in its account, or in one in which nothing was raised."""
    regions = () if raised else ("", *baseline.regions())
    records = dict(quotas_record(region, {}) for region in regions)
    inventory = Inventory({**platform.things, **records}, Schemas(SCHEMAS))
    inventory.sync()
    return inventory


def exceeded(inventory: Inventory) -> dict[tuple[str, str], Need]:
    """Needs that are more than the account may have, by region and quota."""
    return {
        (it.region, it.quota.quota): it
        for it in needs(inventory)
        if it.used > applied(inventory, it.quota, it.region)
    }


def test_exactly_the_quotas_that_the_platform_needs_are_raised_before(platform: Platform) -> None:
    raised = {(region, quota) for region in baseline.regions() for quota in baseline.raised_quotas(region)}
    assert exceeded(inventory_of(platform, raised=False)).keys() == raised
    assert not baseline.raised_quotas("")
    assert not exceeded(inventory_of(platform, raised=True))


def test_the_page_of_the_first_deployment_asks_for_them() -> None:
    page = (ROOT / "docs" / "first-deployment.md").read_text()
    asked = [
        f"--service-code {service} --quota-code {code} --desired-value {value} --region {region}"
        for region in baseline.regions()
        for quota, value in baseline.raised_quotas(region).items()
        for service, _, code in [quota.partition("/")]
    ]
    assert asked
    assert [
        it for it in asked if f"aws service-quotas request-service-quota-increase {it}`" not in page
    ] == []
