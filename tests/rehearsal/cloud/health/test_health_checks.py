"""Health checks, of hosts that no program here has: what Route 53 says when something behind them is lost."""

from __future__ import annotations

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.health.checks import CHECK, HealthChecks
from rehearsal.cloud.health.traffic import API, BALANCER, RECORD
from tests.rehearsal.cloud.health.estate import ECS, REGION, Estate, shop, with_flags


@pytest.fixture
def estate() -> Estate:
    return shop()


def test_a_shop_that_serves_is_healthy(estate: Estate) -> None:
    assert [estate.healthy(id_) for id_ in ("up", "baskets", "both")] == [True, True, True]


def test_a_fixed_answer_stays_healthy_when_its_service_is_gone_and_the_metric_doesnt(estate: Estate) -> None:
    estate.change(external_changes.stopped(estate.get(ECS, "baskets")))
    assert [estate.healthy(id_) for id_ in ("up", "baskets", "both")] == [True, False, False]
    estate.change(external_changes.started(estate.get(ECS, "baskets")))
    assert estate.healthy("both")


@pytest.mark.parametrize("service", ["lb", "*"])
def test_without_its_load_balancer_nothing_answers_and_nothing_is_reported(
    estate: Estate, service: str
) -> None:
    estate.change(external_changes.region_lost(REGION, service))
    assert [estate.healthy(id_) for id_ in ("up", "baskets", "both")] == [False, False, False]


def test_a_target_group_without_targets_reports_nothing(estate: Estate) -> None:
    estate.change({f"{ECS}|{REGION}|baskets": None})
    assert not estate.healthy("baskets")


@pytest.mark.parametrize("status", ["Healthy", "LastKnownStatus", None])
def test_what_isnt_reported_is_as_healthy_as_the_check_says(estate: Estate, status: str | None) -> None:
    check = estate.resources[f"{CHECK}||baskets"]
    estate.change(external_changes.edited(check, insufficientDataHealthStatus=status))
    estate.change(external_changes.stopped(estate.get(BALANCER, "front")))
    assert estate.healthy("baskets")


def test_a_disabled_check_is_always_healthy(estate: Estate) -> None:
    estate.change(external_changes.edited(estate.resources[f"{CHECK}||baskets"], disabled=True))
    estate.change(external_changes.stopped(estate.get(ECS, "baskets")))
    assert estate.healthy("both")


def test_a_calculated_check_whose_child_is_gone_counts_one_less(estate: Estate) -> None:
    estate.change({f"{CHECK}||up": None})
    assert not estate.healthy("both")


def test_a_record_leads_as_long_as_its_check_is_healthy(estate: Estate) -> None:
    estate.add(RECORD, "shop", {"name": "shop.example", "healthCheckId": "both"}, region="")
    (record,) = HealthChecks(estate.resources).records()
    assert HealthChecks(estate.resources).leads(record)
    estate.change(external_changes.stopped(estate.get(ECS, "baskets")))
    assert not HealthChecks(estate.resources).leads(record)


def test_behind_a_record_is_all_that_its_requests_pass(estate: Estate) -> None:
    checks = HealthChecks(estate.resources)
    behind = checks.traffic.behind(estate.resources[f"{RECORD}||shop.example"])
    assert [it.id for it in behind] == ["front", "baskets"]


# ---- an API that reads an object


@pytest.fixture
def flags(estate: Estate) -> Estate:
    return with_flags(estate)


def test_an_object_turns_the_inverted_check_and_only_the_one_that_asks_for_it(flags: Estate) -> None:
    assert flags.healthy("open")
    flags.change(external_changes.object_put(flags.resources, "flags", "closed/south"))
    assert flags.healthy("open")
    flags.change(external_changes.object_put(flags.resources, "flags", "closed/north"))
    assert not flags.healthy("open")
    flags.change(external_changes.object_deleted(flags.resources, "flags", "closed/north"))
    assert flags.healthy("open")


def test_an_api_that_doesnt_answer_turns_no_inverted_check(flags: Estate) -> None:
    flags.change(external_changes.object_put(flags.resources, "flags", "closed/north"))
    flags.change(external_changes.stopped(flags.get(API, "api-1")))
    assert flags.healthy("open")
    assert HealthChecks(flags.resources).traffic.status("flags.example", "/closed/north") is None


def test_the_object_behind_a_path_is_known_by_its_integration(flags: Estate) -> None:
    traffic = HealthChecks(flags.resources).traffic
    assert traffic.object_of("flags.example", "/closed/north") == ("flags", "closed/north")
    assert traffic.object_of("flags.example", "/open") is None
    assert traffic.object_of("shop.example", "/closed/north") is None
