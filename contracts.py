"""Contracts between stacks: the outputs that each exports and others read. Nothing else touches `StackReference`.

Only what can't be derived is here: names that we choose need no reference.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Self, TypeVar

import pulumi
from pydantic.alias_generators import to_camel

T = TypeVar("T")

VERSION = 1  # raised when a field is renamed or changes its meaning


class ContractError(pulumi.RunError):
    """Raised for a stack that lacks an output which this program reads; the text says what to do."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contract:
    """One stack output for each field, in camelCase, and `contractVersion`."""

    def export(self) -> None:
        """Make the fields outputs of the stack that runs."""
        pulumi.export("contractVersion", VERSION)
        for field in dataclasses.fields(self):
            pulumi.export(to_camel(field.name), getattr(self, field.name))

    @classmethod
    def read(cls, stack: str) -> Self:
        """The contract of another stack of this project.

        A missing output, or another version, fails every use of it with a `ContractError`.
        """
        path = f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}"
        reference = pulumi.StackReference(stack, stack_name=path)
        outputs = pulumi.Output.from_input(reference.outputs)

        def pick(name: str) -> pulumi.Output[object]:
            return outputs.apply(lambda found: picked(stack, found, name))

        return cls(**{field.name: pick(to_camel(field.name)) for field in dataclasses.fields(cls)})


def picked(stack: str, outputs: Mapping[str, object], name: str) -> object:
    """One output of a stack, after a look at the version."""
    version = outputs.get("contractVersion")
    if version != VERSION:
        raise ContractError(
            f"stack {stack}: output contractVersion is {version}, not {VERSION}; {_remedy(stack)}"
        )
    if outputs.get(name) is None:
        raise ContractError(f"stack {stack}: output {name} is missing; {_remedy(stack)}")
    return outputs[name]


def entry(stack: str, output: str, values: Mapping[str, T], key: str) -> T:
    """One entry of an output that is a map, or a `ContractError`."""
    if key not in values:
        raise ContractError(f"stack {stack}: output {output} has no {key}; {_remedy(stack)}")
    return values[key]


def _remedy(stack: str) -> str:
    return f"run `pulumi up --stack {stack}` with this version of the program first"


@dataclasses.dataclass(frozen=True, kw_only=True)
class CellContract(Contract):
    """Outputs of a cell that other stacks read."""

    vpc_id: pulumi.Input[str]
    route_table_ids: pulumi.Input[
        Mapping[str, pulumi.Input[str]]
    ]  # `public`, `data`, and `app-a` to `app-d`, one for each slot of the cell's CIDR
    load_balancer_dns_name: pulumi.Input[str]  # of the public one, which is for sockets
    load_balancer_zone_id: pulumi.Input[str]
    api_dns_name: pulumi.Input[str]  # what the shared name of the API leads to
    api_zone_id: pulumi.Input[str]
    key_ids: pulumi.Input[
        Mapping[str, str]
    ]  # multi-region key ids by family; from the birth cell, else empty
    alarm_topic_arn: pulumi.Input[str]  # in the cell's region, for alarms that a later stack puts there
    global_cache_id: pulumi.Input[str]  # AWS makes part of it up; from the birth cell, else empty
    ledger_endpoint: pulumi.Input[str]  # leads to the writer, wherever it is; from the birth cell, else empty
    ledger_read_endpoint: pulumi.Input[str]  # only reads; empty where the cell has no member
    ledger_secret_arn: pulumi.Input[str]  # AWS makes part of it up; from the birth cell, else empty
    payments_key_arn: pulumi.Input[str]  # of the cell's region; empty where secrets may not be
    serving_check_ids: pulumi.Input[
        Mapping[str, Sequence[pulumi.Input[str]]]
    ]  # health checks of what serves behind each shared host


@dataclasses.dataclass(frozen=True, kw_only=True)
class EdgeContract(Contract):
    """Outputs of `global`, for deployments of the web interface."""

    distribution_id: pulumi.Input[str]
    distribution_domain_name: pulumi.Input[str]
