"""The committed program, run once for every stack."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2

from tests.shared_work import once
from tests.unit.harness import Run, leaving, ledger_written_by, run_stack

CELLS = ("us-east-1", "eu-west-1", "us-west-2")


# Nothing here shows where in the program a resource is made, which takes the SDK a sixth of a run to find out.
resource._get_stack_trace = source_pb2.StackTrace
# Nor the SDK's debug messages, which are a sixteenth of it.
pulumi.log.debug = lambda *_, **__: None
# As under the CLI, tasks that a failure leaves unfinished are no news. Told of while Python 3.11 parses a source,
# they would break that.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session", autouse=True)
def event_loop() -> Iterator[None]:
    """The event loop that the SDK's mocks look for: Python 3.12 and later make none by themselves.

    They make one for each of their threads, too, and close none: a run of these tests alone would end with warnings.
    """
    asyncio.set_event_loop(asyncio.new_event_loop())
    yield
    for loop in [it for it in gc.get_objects() if issubclass(type(it), asyncio.BaseEventLoop)]:
        loop.close()


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Every stack's run, each reading what the ones before it exported."""
    return once(tmp_path_factory, "unit_stacks", _runs)[1]


def _runs(_: Path) -> dict[str, Run]:
    runs: dict[str, Run] = {}
    for stack in (*CELLS, "global"):
        runs[stack] = run_stack(stack, {name: before.outputs for name, before in runs.items()})
    return runs


@pytest.fixture(scope="session")
def birth(stacks: dict[str, Run]) -> Run:
    return stacks["us-east-1"]


@pytest.fixture(scope="session")
def joining(stacks: dict[str, Run]) -> Run:
    return stacks["eu-west-1"]


@pytest.fixture(scope="session")
def edge(stacks: dict[str, Run]) -> Run:
    return stacks["global"]


@pytest.fixture(scope="session")
def exported(stacks: dict[str, Run]) -> dict[str, dict[str, object]]:
    """What the cells export, for a program that reads them."""
    return {cell: stacks[cell].outputs for cell in CELLS}


@pytest.fixture(scope="session")
def retiring(exported: dict[str, dict[str, object]]) -> Run:
    """A joining cell on its way out, while the birth cell writes."""
    return run_stack(
        "eu-west-1",
        exported,
        ledger_written_by("us-east-1", "eu-west-1", "us-west-2"),
        cells=leaving("eu-west-1"),
        retire=True,
    )
