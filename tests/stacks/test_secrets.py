"""No secret of the program is ever on disk in clear."""

from __future__ import annotations

import json
from pathlib import Path

from rehearsal.engine import urns
from rehearsal.values import reveal
from tests.stacks.platform import Platform


def test_the_ledgers_first_password_is_in_no_file_of_the_rehearsal(
    platform: Platform, platform_state: Path
) -> None:
    by_name = {urns.name_of(resource.urn): resource for resource in platform.results["us-east-1"].resources}
    login = json.loads(reveal(by_name["cell-ledger-secret-first"].inputs["secretString"]))
    assert reveal(by_name["cell-ledger-cluster"].inputs["masterPasswordWo"]) == login["password"]
    assert len(login["password"]) == 40
    files = [file for file in platform_state.rglob("*") if file.is_file()]
    assert [file.name for file in files if b"cell-ledger-cluster" in file.read_bytes()]
    assert not [file.name for file in files if login["password"].encode() in file.read_bytes()]
