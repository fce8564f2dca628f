"""Drills of the ledger: the writer moves, by plan or without one, and a member leaves."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import CLUSTER, GLOBAL_CLUSTER, INSTANCE
from rehearsal.cloud.inventory import key_of
from rehearsal.cloud.provider_verbs import Thing
from rehearsal.drills.drill import ByHand, Drill, Scene, Stage, stack_of
from rehearsal.engine.events import FailedError

RDS = "rds"


def switchover(stage: Stage) -> Iterator[Scene]:
    whole, old, new = _roles(stage)
    stage.change_cloud(external_changes.ledger_switched_over(stage.resources, whole, new))
    yield Scene(f"{new.id} writes {whole.id}, and {old.id} copies it", by_hand=_by_hand(stage))
    stage.change_cloud(external_changes.ledger_switched_over(stage.resources, whole, _now(stage, old)))
    yield Scene(f"{old.id} writes again", by_hand=_by_hand(stage))


def failover(stage: Stage) -> Iterator[Scene]:
    whole, old, new = _roles(stage)
    stage.change_cloud(external_changes.region_lost(old.region, RDS))
    stage.change_cloud(
        external_changes.ledger_switched_over(stage.resources, whole, new, silent={key_of(old)})
    )
    yield Scene(
        f"RDS in {old.region} doesn't answer; {new.id} was made the writer of {whole.id}",
        by_hand=_by_hand(stage),
    )
    stage.change_cloud(external_changes.former_writer_rejoined(stage.resources, whole, _now(stage, old)))
    stage.change_cloud(external_changes.region_restored(old.region, RDS))
    yield Scene(f"{old.id} is back, as a copy of {new.id}", by_hand=_by_hand(stage))


def detach(stage: Stage) -> Iterator[Scene]:
    whole, _, leaver = _roles(stage)
    stage.change_cloud(external_changes.ledger_member_detached(stage.resources, leaver))
    yield Scene(f"{leaver.id} was taken out of {whole.id} and writes for itself")


def _roles(stage: Stage) -> tuple[Thing, Thing, Thing]:
    """The global database, the member that writes it, and another one."""
    whole = stage.only_resource(GLOBAL_CLUSTER)
    members = external_changes.ledger_members(stage.resources, whole)
    old = external_changes.ledger_writer(stage.resources, whole)
    others = [it for it in members if it != old]
    if old is None or not others:
        raise FailedError(
            f"{whole.id} has one member in the stacks that are up; bring up another cell that has one"
        )
    return whole, old, others[0]


def _by_hand(stage: Stage) -> tuple[ByHand, ...]:
    """The integrations that the writer has left behind. Only where it writes can they be made anew."""
    return tuple(
        ByHand(
            it.urn,
            f"AWS has deactivated it. Once {str(it.outputs['sourceArn']).rsplit(':', 1)[-1]} writes, drop the "
            f"database that was made from it and run `pulumi up --stack {stack_of(it.urn)} --replace '{it.urn}'`",
        )
        for it in external_changes.deactivated_integrations(stage.resources)
        if stack_of(it.urn) in stage.chosen
    )


def _now(stage: Stage, resource: Thing) -> Thing:
    return stage.resources[key_of(resource)]


_GUARDS = (GLOBAL_CLUSTER, CLUSTER)

DRILLS = (
    Drill(
        "ledger-switchover",
        "The writer of the ledger is moved to another cell by plan, and back.",
        switchover,
        needs=(GLOBAL_CLUSTER, CLUSTER, INSTANCE),
        guards=_GUARDS,
        moves=("ledger",),
    ),
    Drill(
        "ledger-failover",
        "The writer of the ledger is gone, another member takes over, and the old one comes back as its copy.",
        failover,
        needs=(GLOBAL_CLUSTER, CLUSTER, INSTANCE),
        guards=_GUARDS,
        moves=("ledger",),
    ),
    Drill(
        "ledger-detach",
        "A member of the ledger is detached and promoted to a database of its own.",
        detach,
        needs=(GLOBAL_CLUSTER, CLUSTER, INSTANCE),
        guards=_GUARDS,
        moves=("ledger",),
    ),
)
