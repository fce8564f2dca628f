"""Fields of the monitor's requests that this engine can't honour: refused by name, since to drop one in silence would
make the program another one.
"""

from __future__ import annotations

from typing import Final

from google.protobuf.message import Message

from rehearsal.engine.events import FailedError

# Field: option in a program, and what it would take.
_REFUSED: Final = {
    "state_migrations": (
        "state_migrations",
        "states aren't migrated here, nor by the Pulumi CLI on a self-managed backend; use aliases instead",
    ),
    "packageRef": (
        "a parameterized package",
        "the rehearsal knows the packages aws, eks and kubernetes; use their own SDKs",
    ),
    "snippetId": ("a snippet", "snippets are no program; write the resource into the program"),
}

# Fields that say how the answer may be, where something is in the source, or where plugins are; none changes what a
# resource will be. `remote` and `transforms` are carried out before a request becomes a goal.
WITHOUT_EFFECT: Final = {
    "acceptSecrets": "the answer has secrets in any case, as the SDK asks for them",
    "acceptResources": "the answer has references in any case, as the SDK asks for them",
    "accepts_byte_string": "no text of the pretend cloud needs it",
    "accept_output_values": "an answer has no output values",
    "supportsPartialValues": "the answer is partial in any case, as the SDK asks for it",
    "supportsResultReporting": "every SDK that is supported reports them",
    "aliasSpecs": "aliases are specifications in any case",
    "sourcePosition": "shown nowhere",
    "stackTrace": "shown nowhere",
    "parentStackTraceHandle": "shown nowhere",
    "pluginDownloadURL": "no plugin is downloaded",
    "pluginChecksums": "no plugin is downloaded",
    "envVarMappings": "no plugin is started, to have an environment",
}
WITHOUT_EFFECT_OF_CALLS: Final = {
    "parent": "the SDK has found the provider of a call by it already",
    "dependsOn": "the SDK waits for it before it calls",
}


def refuse_unsupported(request: Message, urn: str = "") -> None:
    """Raises FailedError for a request that has something that this engine can't honour."""
    for field, _ in request.ListFields():
        if field.name in _REFUSED:
            name, why = _REFUSED[field.name]
            raise FailedError(f"{name}: {why}", urn)
