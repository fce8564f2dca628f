"""Handlers of the Lambdas as they are invoked, against a real ledger, each as its own user of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from pg8000.exceptions import DatabaseError
from pg8000.native import Connection, identifier, literal

from tests.workloads.matcher.lab import HERE, THERE, Ledger, Market, sqs_event
from tests.workloads.matcher.published import Published, ledger_balances
from tests.workloads.postgres import PASSWORD, SUPERUSER, Server
from workloads.ledger_login.login import NoWriterError, WriterLogin
from workloads.matcher import entry, environment
from workloads.matcher.environment import VariableError
from workloads.matcher.homes import follow_writer
from workloads.matcher.orders import Order
from workloads.matcher.relay import run
from workloads.matcher.steward import RequestError


@dataclass(frozen=True)
class Call:
    aws_request_id: str


DEAD = f"arn:aws:sqs:{HERE}:123456789012:castle-{HERE}-orders-dead.fifo"
ORDERS = DEAD.replace("-dead", "")
CALL = Call("c6af9ac6-7b61-11e6-9a41-93e8deadbeef")
USERS = ("matcher", "relay", "reader", "payments")
WRITER = THERE  # the region for which the stand-in for RDS takes a token


def token(_host: str, _port: int, user: str, region: str) -> str:
    return f"{user}-{region}"


@pytest.fixture
def ledger(postgres: Server, superuser: Connection) -> Iterator[Ledger]:
    with Ledger.new(postgres, superuser) as ledger:
        for user in USERS:
            superuser.run(f"ALTER ROLE {identifier(user)} PASSWORD {literal(token('', 0, user, WRITER))}")
        yield ledger


@pytest.fixture
def published() -> Iterator[Published]:
    with Published.new() as published:
        yield published


@pytest.fixture
def variables(
    ledger: Ledger, published: Published, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Environment variables of the functions; in the place of RDS's tokens the users' passwords."""
    secret = boto3.client("secretsmanager", HERE).create_secret(
        Name="ledger", SecretString=json.dumps({"username": SUPERUSER, "password": PASSWORD})
    )
    set_: dict[str, str] = {
        "AWS_DEFAULT_REGION": HERE,
        "CELL": HERE,
        "LEDGER_HOST": ledger.server.host,
        "LEDGER_PORT": str(ledger.server.port),
        "LEDGER_DATABASE": ledger.server.database,
        "LEDGER_REGIONS": f"{HERE},{THERE}",
        "LEDGER_SECRET": secret["ARN"],
        "DATABASE_CA": str(ledger.server.authority),
        "DEAD_LETTERS": DEAD,
        "TABLE_BALANCES": "balances",
        "TABLE_OUTCOMES": "outcomes",
        "TABLE_INSTRUMENTS": "instruments",
        "TOPIC_TRADES": published.topics.trades,
        "TOPIC_ALERTS": published.topics.alerts,
    }
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(environment, "WriterLogin", functools.partial(WriterLogin, sign=token))
    monkeypatch.setattr(run, "RUN_SECONDS", 0.3)
    yield set_
    if entry._matcher.cache_info().currsize:
        entry._matcher().close()
    entry._matcher.cache_clear()
    entry._projections_and_publisher.cache_clear()


def batch(orders: list[Order], queue: str = ORDERS) -> dict[str, Any]:
    records = sqs_event(orders)["Records"]
    return {"Records": [{**record, "eventSourceARN": queue} for record in records]}


@pytest.fixture
def log_in_as(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Names the ledger's user that the functions log in as, in their environment."""
    return functools.partial(monkeypatch.setenv, "LEDGER_USER")


def test_an_order_goes_from_the_queue_to_the_projections_and_topics(
    ledger: Ledger, market: Market, published: Published, log_in_as: Callable[[str], None]
) -> None:
    log_in_as("matcher")
    first = entry.orders(batch([market.buy("b"), market.sell("s", quantity=2)]), None)
    second = entry.orders(batch([market.sell("t", quantity=2)]), None)
    assert first == second == {"batchItemFailures": []}
    log_in_as("relay")
    assert entry.relay({}, CALL) == {"told": 3}  # with the home's own
    assert published.balances() == ledger_balances(ledger.session)
    assert published.outcomes() == {"b": ("open", 1), "s": ("filled", 0), "t": ("filled", 0)}
    assert [one["taker"] for one in published.trades()] == ["s", "t"]
    market.check()


def test_a_dead_letter_is_rejected_and_never_matched(
    market: Market, log_in_as: Callable[[str], None]
) -> None:
    log_in_as("matcher")
    entry.orders(batch([market.sell("s")]), None)
    assert entry.orders(batch([market.buy("b")], DEAD), None) == {"batchItemFailures": []}
    assert market.order_states() == {"s": ("open", 5), "b": ("rejected", 5)}


def test_the_relay_ends_where_it_is_another_cells_and_leaves_the_lease_to_the_next(
    ledger: Ledger, market: Market, log_in_as: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_as("relay")
    entry.relay({}, CALL)
    assert ledger.session.run("SELECT holder FROM ledger.relay") == [[None]]
    follow_writer(ledger.session, THERE)
    monkeypatch.setattr(run, "LEASE_WAIT_SECONDS", -1)
    monkeypatch.setattr(run, "RUN_SECONDS", 60)
    assert entry.relay({}, CALL) == {"told": 0}


def test_the_relay_forgets_batches_that_nobody_compares_any_more(
    ledger: Ledger, market: Market, log_in_as: Callable[[str], None]
) -> None:
    log_in_as("matcher")
    entry.orders(batch([market.buy("b")]), None)
    entry.orders(batch([market.buy("c")]), None)
    ledger.session.run("UPDATE ledger.batches SET at = now() - interval '49 hours' WHERE sequence = 1")
    log_in_as("relay")
    entry.relay({}, CALL)
    assert ledger.session.run("SELECT sequence FROM ledger.batches") == [[2]]


def test_a_lost_order_is_none_whose_outcome_has_only_expired(
    ledger: Ledger, market: Market, published: Published, log_in_as: Callable[[str], None]
) -> None:
    log_in_as("matcher")
    entry.orders(batch([market.buy("old"), market.buy("young")]), None)
    log_in_as("relay")
    entry.relay({}, CALL)
    boto3.client("dynamodb", HERE).update_item(
        TableName="outcomes",
        Key={"instrument": {"S": market.terms.instrument}, "id": {"S": "old"}},
        UpdateExpression="SET expires = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    ledger.session.run("DELETE FROM ledger.batches")
    follow_writer(ledger.session, HERE)
    entry.relay({}, CALL)
    ((report,),) = ledger.session.run("SELECT report FROM ledger.reconciliations WHERE epoch = 2")
    assert [each["id"] for each in report] == ["young"]


def test_the_steward_makes_an_empty_ledger_ready_to_trade(
    postgres: Server,
    superuser: Connection,
    ledger: Ledger,
    log_in_as: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    superuser.run("CREATE DATABASE empty")
    monkeypatch.setenv("LEDGER_DATABASE", "empty")
    try:
        assert entry.steward({"do": "migrate"}, None) == entry.steward({"do": "migrate"}, None)
        found = {"do": "found", "instrument": "BTC-EUR", "base": "BTC", "quote": "EUR", "lot": 1, "tick": 1}
        assert [entry.steward(found, None)["new"] for _ in range(2)] == [True, False]
        with pytest.raises(RequestError, match="BTC-EUR: it has other terms"):
            entry.steward({**found, "lot": 2}, None)
        deposit = {"do": "deposit", "deposit": "d1", "account": "ann", "asset": "EUR", "amount": 50}
        assert [entry.steward(deposit, None)["new"] for _ in range(2)] == [True, False]
        with pytest.raises(RequestError, match="deposit d1 was of another account, asset or amount"):
            entry.steward({**deposit, "amount": 51}, None)
        log_in_as("matcher")
        order = Order("o1", "BTC-EUR", "ann", "limit", True, 10, 5)
        assert entry.orders(batch([order]), None) == {"batchItemFailures": []}
        entry._matcher().close()
    finally:
        superuser.run("DROP DATABASE empty WITH (FORCE)")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "do: None; it must be one of migrate, found, follow, deposit"),
        ({"do": "deposit", "deposit": ""}, "deposit: ''; it must be a text"),
        (
            {"do": "deposit", "deposit": "d", "account": "a", "asset": "EUR", "amount": True},
            "amount: True; it must be a whole number above 0",
        ),
    ],
)
def test_a_request_that_cannot_be_understood_is_refused(
    variables: dict[str, str], asked: dict[str, object], says: str
) -> None:
    with pytest.raises(RequestError, match=says):
        entry.steward(asked, None)


def test_payments_deposit_and_can_do_nothing_else(
    ledger: Ledger, published: Published, market: Market, log_in_as: Callable[[str], None]
) -> None:
    with ledger.server.connect("payments", token("", 0, "payments", WRITER)) as payments:
        assert payments.run("SELECT ledger.deposit('d', 'zoe', 'EUR', 7)") == [[True]]
        for statement in (
            "SELECT * FROM ledger.funds",
            "INSERT INTO ledger.deposits (id, account, asset, amount) VALUES ('x', 'zoe', 'EUR', 1)",
        ):
            with pytest.raises(DatabaseError, match="permission denied"):
                payments.run(statement)
    log_in_as("relay")
    entry.relay({}, CALL)
    assert published.balances()["zoe", "EUR"] == ledger_balances(ledger.session)["zoe", "EUR"]
    entries = ledger.session.run(
        "SELECT number, available, deposit FROM ledger.entries WHERE account = 'zoe'"
    )
    assert entries == [[1, 7, "d"]]


@pytest.mark.parametrize(
    ("user", "statement"),
    [
        ("matcher", "UPDATE ledger.homes SET cell = 'eu-west-1'"),
        ("matcher", "DELETE FROM ledger.trades"),
        ("matcher", "SELECT ledger.deposit('d', 'a', 'EUR', 1)"),
        ("relay", "UPDATE ledger.funds SET available = 0"),
        ("relay", "UPDATE ledger.relay SET epoch = 9"),
        ("reader", "INSERT INTO ledger.outbox (body) VALUES ('{}')"),
        ("reader", "SELECT ledger.deposit('d', 'a', 'EUR', 1)"),
    ],
)
def test_a_user_of_the_ledger_has_no_right_but_its_own(ledger: Ledger, user: str, statement: str) -> None:
    with (
        ledger.server.connect(user, token("", 0, user, WRITER)) as session,
        pytest.raises(DatabaseError, match="permission denied"),
    ):
        session.run(statement)


def test_whoever_is_let_in_nowhere_is_told_what_each_region_said(
    log_in_as: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_as("relay")
    monkeypatch.setenv("LEDGER_REGIONS", HERE)
    with pytest.raises(NoWriterError, match=f"signed for {HERE}: 28P01"):
        entry.relay({}, CALL)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [("LEDGER_USER", "", "LEDGER_USER: missing"), ("LEDGER_PORT", "x", "LEDGER_PORT: x is no port")],
)
def test_a_variable_that_is_missing_or_wrong_is_named(
    log_in_as: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    log_in_as("relay")
    monkeypatch.setenv(name, value)
    with pytest.raises(VariableError, match=says):
        entry.relay({}, CALL)
