"""Handlers of the Lambdas: `workloads.matcher.entry.orders`, `.relay` and `.steward`."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from workloads.ledger_login.endpoint import verified_tls
from workloads.matcher import steward as commands
from workloads.matcher.batch_item_failures import BatchResponse, QueueConsumer
from workloads.matcher.environment import Environment
from workloads.matcher.relay.projections import Projections
from workloads.matcher.relay.publisher import Publisher
from workloads.matcher.relay.relay import Relay
from workloads.matcher.relay.run import run_relay
from workloads.matcher.session import Session
from workloads.matcher.transaction import Matcher

LOG = logging.getLogger(__name__)


class LambdaContext(Protocol):
    """Context object of an invocation: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    @property
    def aws_request_id(self) -> str: ...


def orders(event: Mapping, _context: object) -> BatchResponse:
    """Matches a batch of the queue of orders, or rejects one of its dead-letter queue. A batch is of one queue."""
    environment = Environment.read()
    consumer = QueueConsumer(_matcher())
    if event["Records"][0]["eventSourceARN"] == environment["DEAD_LETTERS"]:
        return consumer.dead_letters(event)
    return consumer.orders(event)


def relay(_event: object, context: LambdaContext) -> dict[str, int]:
    """Does one run of the relay; `told` is the number of batches that it published."""
    environment = Environment.read()
    projections, publisher = _projections_and_publisher()
    with contextlib.closing(Session(environment.writer().connect())) as session:
        told = run_relay(
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
    """Executes an operator's command as the administrator of the ledger."""
    environment = Environment.read()
    login = json.loads(environment.secret())
    connection = environment.endpoint().connect(
        login["username"],
        login["password"],
        tls=verified_tls(environment.certificate_authorities()),
        application=login["username"],
    )
    with contextlib.closing(Session(connection)) as session:
        done = commands.execute(session, environment["CELL"], event)
    LOG.info("%s", done)
    return done


@cache
def _matcher() -> Matcher:
    """Matcher, whose order books and session outlast a batch."""
    environment = Environment.read()
    return Matcher(environment["CELL"], environment.writer().connect)


@cache
def _projections_and_publisher() -> tuple[Projections, Publisher]:
    """Projections and publisher, whose clients and threads outlast a run."""
    environment = Environment.read()
    return environment.projections(), environment.publisher()
