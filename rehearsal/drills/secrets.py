"""Drills of the secrets: all are rotated, and a replica of one is promoted."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.cloud import external_changes
from rehearsal.drills.drill import Drill, Expected, Scene, Stage
from rehearsal.engine.events import FailedError

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
_STAGES = "versionStages"


def rotation(stage: Stage) -> Iterator[Scene]:
    """Rotates every secret twice: the first version loses the stages that AWS moves, and keeps the program's own."""
    own = {it.urn: list(it.inputs.get(_STAGES, ())) for it in stage.living(VERSION)}
    for stages, says in (
        (["AWSPREVIOUS"], "its second version is current"),
        ([], "its third one, and the first is neither current nor the one before it"),
    ):
        for version in stage.living(VERSION):
            stage.change_cloud(external_changes.edited(version, **{_STAGES: [*stages, *own[version.urn]]}))
        yield Scene(f"every secret was rotated: {says}")
    first = stage.living(VERSION)
    for version in first:
        stage.change_cloud(external_changes.deleted(stage.resources, version))
    yield Scene(
        "the first version was cleared away, and what it opened long opens by another",
        expected=tuple(Expected("create", version.urn) for version in first),
    )


def promotion(stage: Stage) -> Iterator[Scene]:
    """Promotes a replica to a secret of its own."""
    replicated = [secret for secret in stage.living(SECRET) if secret.outputs.get("replicas")]
    if not replicated:
        raise FailedError("secret-promotion needs a secret with a replica; choose the stack that makes it")
    secret = replicated[0]
    gone, *rest = secret.outputs["replicas"]
    stage.change_cloud(external_changes.edited(secret, replicas=rest))
    yield Scene(
        f"the replica of {secret.outputs['name']} in {gone['region']} was made a secret of its own",
        expected=(Expected("update", secret.urn, ("replicas",)),),
    )


DRILLS = (
    Drill(
        "secret-rotation",
        "Secrets are rotated, twice: which version is current is not the program's to say.",
        rotation,
        needs=(SECRET, VERSION),
        protected_types=(SECRET,),
    ),
    Drill(
        "secret-promotion",
        "A secret's replica is promoted: its stack shows that it is missing, and AWS never overwrites it.",
        promotion,
        needs=(SECRET,),
        protected_types=(SECRET,),
    ),
)
