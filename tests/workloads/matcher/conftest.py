from __future__ import annotations

from collections.abc import Iterator

import pytest
from pg8000.native import Connection

from tests.workloads.matcher.lab import Ledger, Market
from tests.workloads.postgres import Server
from workloads.matcher.transaction import Matcher


@pytest.fixture(scope="module")
def ledger(postgres: Server, superuser: Connection) -> Iterator[Ledger]:
    with Ledger.new(postgres, superuser) as ledger:
        yield ledger


@pytest.fixture
def market(ledger: Ledger) -> Market:
    return ledger.market()


@pytest.fixture(scope="module")
def lasting(ledger: Ledger) -> Iterator[Matcher]:
    """Matcher for many examples, since logging in takes most of the time."""
    matcher = ledger.matcher()
    yield matcher
    matcher.close()


@pytest.fixture
def matcher(ledger: Ledger) -> Iterator[Matcher]:
    matcher = ledger.matcher()
    yield matcher
    matcher.close()
