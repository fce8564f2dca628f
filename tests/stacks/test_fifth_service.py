"""A fifth service: a row in the catalogue and its sizes in the stack file, and nothing else, bring it up whole."""

from __future__ import annotations

from pathlib import Path

from rehearsal.engine import urns
from rehearsal.release import release
from tests.program_copy import copy_program, edit_source
from tests.stacks.platform import engine, update

ROW = """    "statements": Service(
        methods=(ApiMethod(verb="GET", path="/v1/statements", scope="statements:read", query=_PAGE),),
        namespace="trading",
        node_pool="services",
        file_user=10005,
        reads_tables=("balances",),
        writes_tables=("idempotency",),
        reads_ledger=True,
        market_cache="reads",
        subscribes={"trades": ("trade",)},
    ),
}


def required_scopes("""
SIZES = """    services:
      statements:
        least: 4
    waf:
"""
# What a cell has of a service on EKS, by logical name.
EXPECTED = {
    "cell-statements",
    "cell-statements-may",
    "cell-statements-may-role",
    "cell-statements-deployment",
    "cell-statements-binding-api",
    "statements-targets",
    "cell-inside-to-statements",
    "cell-images-statements",
    "cell-files-of-statements",
    "cell-market-user-statements",
    "cell-cache-user-statements",
    "cell-api-get-v1-statements",
    "cell-trades-statements-queue",
}


def test_a_row_and_its_sizes_are_all_that_a_fifth_service_takes(tmp_path: Path) -> None:
    program = copy_program(tmp_path / "program")
    edit_source(program, "settings/catalogue.py", "}\n\n\ndef required_scopes(", ROW)
    edit_source(program, "Pulumi.us-east-1.yaml", "    waf:\n", SIZES)
    with engine(tmp_path / "state", program) as opened:
        update(opened, "us-east-1")
        release(opened)
        names = {urns.name_of(resource.urn) for resource in update(opened, "us-east-1").resources}
    assert names >= EXPECTED
