"""Dependency chains of the committed stacks: none is longer, and no resource has more links, than AWS asks for.

`make chains` shows them, with who asks for each link.
"""

from __future__ import annotations

import pytest

from rehearsal.engine import urns
from rehearsal.engine.dependency_chains import Dependencies
from tests.stacks.platform import Platform

# Resources that are registered one after another. A longer chain makes every preview of its stack wait.
# One of an API ends in the answer to a browser: paths, method, integration, its response, deployment, stage.
LONGEST = {"us-east-1": 15, "eu-west-1": 15, "us-west-2": 15, "global": 8}
MOST_LINKS = 30
SNAPSHOT = "cell-api-deployment"  # of the whole API: it has to wait for every method and every response


@pytest.mark.parametrize("stack", LONGEST)
def test_no_chain_is_longer_than_the_longest_that_aws_asks_for(platform: Platform, stack: str) -> None:
    dependencies = Dependencies(platform.results[stack].resources)
    (chain,) = dependencies.chains(1)
    assert len(chain.urns) == dependencies.longest <= LONGEST[stack], chain.urns


@pytest.mark.parametrize("stack", LONGEST)
def test_nothing_depends_on_a_large_component_as_a_whole(platform: Platform, stack: str) -> None:
    dependencies = Dependencies(platform.results[stack].resources)
    many = {urns.name_of(urn): links for urn, links in dependencies.most_needing(5) if links > MOST_LINKS}
    assert many.keys() <= {SNAPSHOT}, many
