"""What the committed program brings into a new account, and what must be there before."""

from __future__ import annotations

from pathlib import Path

import yaml

from rehearsal.cloud import baseline
from rehearsal.cloud.account.linked_roles import LINKED_ROLE
from tests.stacks.platform import Platform

MADE = yaml.safe_load(Path(__file__).with_name("linked_roles.yaml").read_text())["made"]


def test_services_make_these_service_linked_roles_and_none_is_there_before(platform: Platform) -> None:
    found = [it for it in platform.things.values() if it.type == LINKED_ROLE]
    assert sorted(str(it.inputs["awsServiceName"]) for it in found) == MADE
    assert [it.urn for it in found] == [""] * len(found)
    assert not [it for it in baseline.resources().values() if it.type == LINKED_ROLE]
