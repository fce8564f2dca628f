"""Secrecy of outputs that follows from a resource's options and inputs."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.engine.records import Resource
from rehearsal.values import Secret


def with_secret_outputs(resource: Resource) -> Resource:
    """The resource with those outputs marked secret that `additionalSecretOutputs` names, or whose input is."""
    names = {*resource.additional_secret_outputs} - {"id"}
    names |= {name for name, value in resource.inputs.items() if isinstance(value, Secret)}
    marked = {
        name: Secret(resource.outputs[name])
        for name in names
        if name in resource.outputs and not isinstance(resource.outputs[name], Secret)
    }
    return replace(resource, outputs={**resource.outputs, **marked}) if marked else resource
