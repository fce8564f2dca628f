"""Set-up of the matcher's benchmark: it has orders that can be matched. The measured figures aren't tested."""

from __future__ import annotations

import pytest

from tests.bench.matcher import ACCOUNTS, INSTRUMENTS, ledger
from tests.workloads.postgres import UnavailableError, running


def test_the_ledger_has_instruments_and_accounts_that_can_pay() -> None:
    try:
        with running() as server, ledger(server) as session:
            assert session.run("SELECT count(*) FROM ledger.homes") == [[INSTRUMENTS]]
            funds = session.run("SELECT count(*) FROM ledger.funds WHERE available > 0")
            assert funds == [[ACCOUNTS * (INSTRUMENTS + 1)]]
    except UnavailableError as reason:
        pytest.skip(str(reason))
