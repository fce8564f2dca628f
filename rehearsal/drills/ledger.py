"""Drills of the ledger: a switchover, a failover, and a member that is detached."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import CLUSTER, GLOBAL_CLUSTER, INSTANCE
from rehearsal.cloud.inventory import key_of
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.drills.drill import Drill, ManualStep, Scene, Stage, stack_of
from rehearsal.engine.events import FailedError

RDS = "rds"


def switchover(stage: Stage) -> Iterator[Scene]:
    """Moves the writer to another member, and back."""
    database, old, new = _roles(stage)
    stage.change_cloud(external_changes.ledger_switched_over(stage.resources, database, new))
    yield Scene(f"{new.id} writes {database.id}, and {old.id} copies it", manual_steps=_by_hand(stage))
    stage.change_cloud(external_changes.ledger_switched_over(stage.resources, database, _present(stage, old)))
    yield Scene(f"{old.id} writes again", manual_steps=_by_hand(stage))


def failover(stage: Stage) -> Iterator[Scene]:
    """Loses the writer's region, moves the writer, and has the old one return as a replica."""
    database, old, new = _roles(stage)
    stage.change_cloud(external_changes.region_lost(old.region, RDS))
    stage.change_cloud(
        external_changes.ledger_switched_over(stage.resources, database, new, unreachable={key_of(old)})
    )
    yield Scene(
        f"RDS in {old.region} doesn't answer; {new.id} was made the writer of {database.id}",
        manual_steps=_by_hand(stage),
    )
    stage.change_cloud(
        external_changes.former_writer_rejoined(stage.resources, database, _present(stage, old))
    )
    stage.change_cloud(external_changes.region_restored(old.region, RDS))
    yield Scene(f"{old.id} is back, as a copy of {new.id}", manual_steps=_by_hand(stage))


def moved_back(stage: Stage) -> Scene:
    """Switches the writer over to the member that deactivated integrations have as their source."""
    database, old, _ = _roles(stage)
    sources = {str(it.outputs["sourceArn"]) for it in deactivated(stage)}
    members = external_changes.ledger_members(stage.resources, database)
    home = next((it for it in members if str(it.outputs["arn"]) in sources), old)
    stage.change_cloud(external_changes.ledger_switched_over(stage.resources, database, home))
    return Scene(f"{home.id} writes {database.id} again", manual_steps=_by_hand(stage))


def deactivated(stage: Stage) -> list[CloudResource]:
    """Integrations of the chosen stacks that AWS has deactivated."""
    found = external_changes.deactivated_integrations(stage.resources)
    return [it for it in found if stack_of(it.urn) in stage.chosen]


def detach(stage: Stage) -> Iterator[Scene]:
    """Detaches a member that isn't the writer."""
    database, _, leaver = _roles(stage)
    stage.change_cloud(external_changes.ledger_member_detached(stage.resources, leaver))
    yield Scene(f"{leaver.id} was taken out of {database.id} and writes for itself")


def _roles(stage: Stage) -> tuple[CloudResource, CloudResource, CloudResource]:
    """The global database, its writer, and another member."""
    database = stage.only_resource(GLOBAL_CLUSTER)
    members = external_changes.ledger_members(stage.resources, database)
    old = external_changes.ledger_writer(stage.resources, database)
    others = [member for member in members if member != old]
    if old is None or not others:
        raise FailedError(
            f"{database.id} has one member in the stacks that are up; bring up another cell that has one"
        )
    return database, old, others[0]


def _by_hand(stage: Stage) -> tuple[ManualStep, ...]:
    """Replacement of the integrations that AWS has deactivated, once their source is the writer again."""
    return tuple(
        ManualStep(it.urn, _remake(it.urn, str(it.outputs["sourceArn"]).rsplit(":", 1)[-1]))
        for it in deactivated(stage)
    )


def _remake(urn: str, source: str) -> str:
    return (
        f"AWS has deactivated it. Once {source} writes, drop the database that was made from it and run "
        f"`pulumi up --stack {stack_of(urn)} --replace '{urn}'`"
    )


def _present(stage: Stage, resource: CloudResource) -> CloudResource:
    return stage.resources[key_of(resource)]


_GUARDS = (GLOBAL_CLUSTER, CLUSTER)

DRILLS = (
    Drill(
        "ledger-switchover",
        "The writer of the ledger is moved to another cell by plan, and back.",
        switchover,
        needs=(GLOBAL_CLUSTER, CLUSTER, INSTANCE),
        protected_types=_GUARDS,
        traffic_classes=("ledger",),
    ),
    Drill(
        "ledger-failover",
        "The writer of the ledger is gone, another member takes over, and the old one comes back as its copy.",
        failover,
        needs=(GLOBAL_CLUSTER, CLUSTER, INSTANCE),
        protected_types=_GUARDS,
        traffic_classes=("ledger",),
    ),
    Drill(
        "ledger-detach",
        "A member of the ledger is detached and promoted to a database of its own.",
        detach,
        needs=(GLOBAL_CLUSTER, CLUSTER, INSTANCE),
        protected_types=_GUARDS,
        traffic_classes=("ledger",),
    ),
)
