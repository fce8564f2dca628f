"""Drill of the health checks, on estates whose checks are blind, too eager, or good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from rehearsal.cloud.health.checks import CHECK
from rehearsal.cloud.health.traffic import RECORD
from rehearsal.drills.drill import Stage
from rehearsal.drills.health import health_checks
from rehearsal.engine.events import FailedError
from tests.rehearsal.cloud.health.estate import Estate, shop, with_flags


class FakeEngine:
    """As much of an engine as the drill asks."""

    def __init__(self, estate: Estate) -> None:
        self.store = estate
        self.change_cloud = estate.change


def faults(estate: Estate) -> list[tuple[str, str, str]]:
    """Names of the records and checks at fault, the kinds of fault and their causes."""
    stage = Stage(cast("Any", FakeEngine(estate)), ["shop"], ["shop"])
    scenes = list(health_checks(stage))
    return [(it.urn.split("::")[-1], it.kind, it.cause) for scene in scenes for it in scene.health_faults]


def following(estate: Estate, check: str) -> Estate:
    """The estate with a record of its host that follows a check."""
    alias = {"name": "shop.example", "aliases": [{"name": "front.elb.example"}], "healthCheckId": check}
    estate.add(RECORD, "record", alias, region="")
    return estate


def without(estate: Estate, checks: Sequence[str]) -> Estate:
    for check in checks:
        del estate.resources[f"{CHECK}||{check}"]
    return estate


@pytest.fixture
def unchanged() -> Iterator[Estate]:
    """An estate whose record follows all its checks, and which is the same after the drill."""
    estate = following(shop(), "both")
    before = dict(estate.resources)
    yield estate
    assert estate.resources == before


def test_checks_of_the_host_and_of_the_service_are_enough(unchanged: Estate) -> None:
    assert faults(unchanged) == []


def test_a_check_of_what_the_load_balancer_answers_itself_is_blind(unchanged: Estate) -> None:
    blind = without(following(shop(), "up"), ["baskets", "both"])
    assert faults(blind) == [("record", "stays", "baskets in eu-north-1")]
    assert faults(unchanged) == []


def test_a_check_that_asks_about_somebody_else_is_too_eager() -> None:
    estate = following(shop(), "both")
    far = {"name": "far", "aliases": [{"name": "front.elb.example"}], "healthCheckId": "drained"}
    estate.add(RECORD, "far", far, region="")
    estate.add(CHECK, "drained", {"type": "HTTPS", "fqdn": "nobody.example"}, region="")
    assert ("far", "leaves", "nothing") in faults(estate)


def test_a_check_that_is_never_unhealthy_is_named() -> None:
    estate = following(shop(), "both")
    always = {"type": "CALCULATED", "childHealthchecks": ["up"], "childHealthThreshold": 0}
    estate.add(CHECK, "always", always, region="")
    assert ("always", "stays", "whatever was lost") in faults(estate)


def test_an_inverted_check_takes_its_record_out_when_the_object_is_there() -> None:
    estate = with_flags(following(shop(), "both"))
    assert ("open", "stays", "whatever was lost") not in faults(estate)


def test_an_inverted_check_without_an_object_behind_it_cant_be_tried() -> None:
    estate = following(shop(), "both")
    estate.add(CHECK, "odd", {"type": "HTTPS", "fqdn": "shop.example", "invertHealthcheck": True}, region="")
    with pytest.raises(FailedError, match="odd is inverted, and no object is behind what it asks"):
        faults(estate)


def test_an_estate_without_a_checked_record_has_nothing_to_lose() -> None:
    with pytest.raises(FailedError, match="no record with a health check"):
        faults(shop())
