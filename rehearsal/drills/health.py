"""Drill of the health checks: whatever a host leads to is lost, and the host's records and checks say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rehearsal.cloud import external_changes
from rehearsal.cloud.health.checks import CHECK, HealthChecks
from rehearsal.cloud.health.traffic import RECORD
from rehearsal.cloud.provider_verbs import Changes, CloudResource
from rehearsal.drills.drill import Drill, HealthFault, Scene, Stage
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.values import reveal


@dataclass(frozen=True)
class _Loss:
    """Loss of one thing, with its end, and the records that must stop to lead to it."""

    what: str
    begin: Changes
    end: Changes
    records: frozenset[str]  # their URNs


@dataclass
class _Watch:
    """Faults found so far, and the checks that have been unhealthy."""

    stage: Stage
    faults: list[HealthFault] = field(default_factory=list)
    seen_unhealthy: set[str] = field(default_factory=set)

    def judge(self, cause: str, leaving: frozenset[str]) -> None:
        """Looks at every record and check once, while some records must not lead anywhere."""
        checks = HealthChecks(self.stage.resources)
        for record in checks.records():
            leads = checks.leads(record)
            if leads and record.urn in leaving:
                self.faults.append(HealthFault(record.urn, "stays", cause))
            elif not leads and record.urn not in leaving:
                self.faults.append(HealthFault(record.urn, "leaves", cause))
        self.seen_unhealthy |= {
            check.urn for check in checks.traffic.of(CHECK) if check.urn and not checks.is_healthy(check)
        }

    def take_faults(self) -> tuple[HealthFault, ...]:
        found, self.faults = tuple(self.faults), []
        return found


def health_checks(stage: Stage) -> Iterator[Scene]:
    """Loses each thing behind a host alone, each region alone and all of them; then drains each cell."""
    watch = _Watch(stage)
    watch.judge("nothing", frozenset())
    behind = _losses_behind(stage)
    if not behind:
        raise FailedError("no record with a health check leads to what is up; bring up every stack first")
    for title, losses in (
        ("each workload, load balancer and API was stopped in turn", behind),
        ("each region was lost in turn, then all at once", _losses_of_regions(stage)),
        ("each cell was drained in turn", _drains(stage)),
    ):
        for loss in losses:
            stage.change_cloud(loss.begin)
            watch.judge(loss.what, loss.records)
            stage.change_cloud(loss.end)
        watch.judge("nothing any more", frozenset())
        what = f"{title}, {len(losses)} altogether, and came back"
        yield Scene(what, stacks=(), health_faults=watch.take_faults())
    never = [
        HealthFault(check.urn, "stays", "whatever was lost")
        for check in external_changes.resources_of(stage.resources, CHECK)
        if check.urn not in watch.seen_unhealthy and not check.inputs.get("disabled")
    ]
    yield Scene("everything serves again", health_faults=tuple(never))


def _losses_behind(stage: Stage) -> Sequence[_Loss]:
    """Losses of what the records lead to, each of which may serve several records."""
    checks = HealthChecks(stage.resources)
    needed: dict[str, tuple[CloudResource, set[str]]] = {}
    for record in checks.records():
        for it in checks.traffic.behind(record):
            needed.setdefault(it.urn, (it, set()))[1].add(record.urn)
    return [
        _Loss(
            f"{urns.name_of(urn)} in {it.region}",
            external_changes.stopped(it),
            external_changes.started(it),
            frozenset(records),
        )
        for urn, (it, records) in needed.items()
    ]


def _losses_of_regions(stage: Stage) -> Sequence[_Loss]:
    """Losses of the regions to which records lead, one at a time, and together."""
    checks = HealthChecks(stage.resources)
    records: dict[str, set[str]] = {}
    for record in checks.records():
        for it in checks.traffic.behind(record)[:1]:
            records.setdefault(it.region, set()).add(record.urn)
    single = [
        _Loss(
            region,
            external_changes.region_lost(region),
            external_changes.region_restored(region),
            frozenset(found),
        )
        for region, found in records.items()
    ]
    begin = {at: it for loss in single for at, it in loss.begin.items()}
    every = frozenset(urn for loss in single for urn in loss.records)
    return [*single, _Loss("every region", begin, dict.fromkeys(begin), every)]


def _drains(stage: Stage) -> Sequence[_Loss]:
    """Objects that the inverted checks wait for, each put into the bucket that the host's API reads."""
    checks = HealthChecks(stage.resources)
    found: dict[tuple[str, str], set[str]] = {}
    for check in checks.traffic.of(CHECK):
        if check.inputs.get("invertHealthcheck"):
            at = _object_behind(checks, check)
            found.setdefault(at, set()).update(_records_after(checks, check))
    return [
        _Loss(
            f"{key} in {bucket}",
            external_changes.object_put(stage.resources, bucket, key),
            external_changes.object_deleted(stage.resources, bucket, key),
            frozenset(records),
        )
        for (bucket, key), records in found.items()
    ]


def _object_behind(checks: HealthChecks, check: CloudResource) -> tuple[str, str]:
    read = checks.traffic.object_of(str(check.inputs.get("fqdn")), str(check.inputs.get("resourcePath")))
    if read is None:
        raise FailedError(f"{urns.name_of(check.urn)} is inverted, and no object is behind what it asks")
    return read


def _records_after(checks: HealthChecks, check: CloudResource) -> Iterator[str]:
    for record in checks.records():
        of_record = checks.traffic.first(CHECK, id=record.inputs.get("healthCheckId"))
        if of_record and check.id in (
            of_record.id,
            *(reveal(of_record.inputs).get("childHealthchecks") or ()),
        ):
            yield record.urn


DRILLS = (
    Drill(
        "health-checks",
        "Whatever serves a host is stopped, lost with its region or drained: the host's records leave DNS.",
        health_checks,
        needs=(CHECK, RECORD),
        traffic_classes=("services",),
        needs_every_stack=True,
    ),
)
