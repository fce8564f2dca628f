"""The Lambdas: `workloads.matcher.entry.orders`, `.relay` and `.steward`."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from workloads.matcher import steward as deeds
from workloads.matcher.database import Session
from workloads.matcher.environment import Environment
from workloads.matcher.handler import Answer, Handler
from workloads.matcher.projections import Projections, Publisher
from workloads.matcher.relay import Relay
from workloads.matcher.shift import shift
from workloads.matcher.transaction import Matcher

LOG = logging.getLogger(__name__)


class Invocation(Protocol):
    """What Lambda says of a call: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    @property
    def aws_request_id(self) -> str: ...


def orders(event: Mapping, _context: object) -> Answer:
    """A batch of the queue of orders, or of the queue of those that failed too often. A batch is of one queue."""
    environment = Environment.read()
    handler = Handler(_matcher())
    if event["Records"][0]["eventSourceARN"] == environment["DEAD_LETTERS"]:
        return handler.dead(event)
    return handler.orders(event)


def relay(_event: object, context: Invocation) -> dict[str, int]:
    """One run of the relay. `told` is how many batches it told."""
    environment = Environment.read()
    projections, publisher = _outlets()
    with contextlib.closing(Session(environment.writer().connect())) as session:
        told = shift(
            Relay(
                cell=environment["CELL"],
                holder=context.aws_request_id,
                session=session,
                projections=projections,
                publisher=publisher,
                topics=environment.topics(),
            )
        )
    LOG.info("%d batches told", told)
    return {"told": told}


def steward(event: Mapping[str, object], _context: object) -> dict[str, object]:
    """What an operator asks for, done as the administrator of the ledger."""
    environment = Environment.read()
    login = json.loads(environment.secret())
    connection = environment.place().connect(login["username"], login["password"])
    with contextlib.closing(Session(connection)) as session:
        done = deeds.do(session, environment["CELL"], event)
    LOG.info("%s", done)
    return done


@cache
def _matcher() -> Matcher:
    """With its books and its session, which outlast a batch."""
    environment = Environment.read()
    return Matcher(environment["CELL"], environment.writer().connect)


@cache
def _outlets() -> tuple[Projections, Publisher]:
    """Clients and their threads, which outlast a run."""
    environment = Environment.read()
    return environment.projections(), environment.publisher()
