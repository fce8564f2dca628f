"""Sizes of the services in one cell: runtime, replicas, vCPU and memory of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, create_model

from settings.catalogue import SERVICES
from settings.model import Model

# What Fargate gives a task: memory in MiB by vCPU, from, to and in steps of.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
FARGATE_MEMORY = {
    0.25: range(512, 2048 + 1, 512),
    0.5: range(1024, 4096 + 1, 1024),
    1.0: range(2048, 8192 + 1, 1024),
    2.0: range(4096, 16384 + 1, 1024),
    4.0: range(8192, 30720 + 1, 1024),
}


def _cpu(cpu: float) -> float:
    if cpu not in FARGATE_MEMORY:
        raise ValueError
    return cpu


class ServiceSizes(Model):
    """Sizes of one service. `cpu` (vCPU) and `memory` (MiB) are those of each replica, a pair that Fargate has, so
    that a service can change its runtime.
    """

    runtime: Literal["eks", "fargate"] = Field(
        default="eks", description="one of eks, fargate", examples=["eks"]
    )
    least: int = Field(default=3, ge=1, le=1000, description="a whole number from 1 to 1000", examples=[3])
    most: int = Field(default=30, ge=1, le=1000, description="a whole number from 1 to 1000", examples=[30])
    cpu: Annotated[float, AfterValidator(_cpu)] = Field(
        default=1, description="one of 0.25, 0.5, 1, 2, 4 vCPU", examples=[1]
    )
    memory: int = Field(
        default=2048, ge=512, le=30720, description="a whole number of MiB from 512 to 30720", examples=[2048]
    )
    # Percent of the tasks beyond `least` that may be taken away at two minutes' notice.
    spot: int = Field(default=0, ge=0, le=100, description="a whole number from 0 to 100", examples=[50])
    requests: int = Field(
        default=100,
        ge=1,
        le=100000,
        description="a whole number of requests a second for each replica, from 1 to 100000",
        examples=[100],
    )


class _ServicesSizes(Model):
    """Sizes of all services, by the names that they have in the catalogue."""

    def by_name(self) -> Mapping[str, ServiceSizes]:
        """Sizes by the service's name."""
        return {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}


def _sizes_of(service: str) -> object:
    return Field(
        default=ServiceSizes(),
        alias=service,
        description="an object with runtime, least, most, cpu, memory, spot and requests",
        examples=[{"runtime": "eks", "least": 3, "most": 30}],
    )


if TYPE_CHECKING:  # a type checker can't follow a model that is made from data
    ServicesSizes = _ServicesSizes
else:  # one field for each service of the catalogue, so that a service that is added there has sizes, too
    ServicesSizes = create_model(
        "ServicesSizes",
        __base__=_ServicesSizes,
        **{service.replace("-", "_"): (ServiceSizes, _sizes_of(service)) for service in SERVICES},
    )


def wrong_sizes(services: ServicesSizes, zones: int) -> Iterator[str]:
    """Mistakes between sizes of a service. The loss of a zone must leave others running, so `zones` is the least."""
    for name, sizes in services.by_name().items():
        key = f"castle:sizes.services.{name}"
        if sizes.least < zones:
            yield f"{key}.least: {sizes.least} is fewer than the cell's {zones} zones; write {zones} or more"
        if sizes.most < sizes.least:
            yield f"{key}.most: {sizes.most} is fewer than least {sizes.least}; write {sizes.least} or more"
        memory = FARGATE_MEMORY[sizes.cpu]
        if sizes.memory not in memory:
            yield (
                f"{key}.memory: {sizes.memory} MiB don't go with {sizes.cpu:g} vCPU; write {memory.start} to "
                f"{memory[-1]} in steps of {memory.step}"
            )
        if sizes.spot and sizes.runtime == "eks":
            yield f"{key}.spot: {sizes.spot} is of Fargate alone, and {name} runs on eks; delete it"
