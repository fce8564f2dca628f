"""Rules on EventBridge: policies of event buses, replication by global endpoints."""

from __future__ import annotations

from typing import Final

from controls.language.facts import UNKNOWN, Node
from controls.language.iam.documents import forbid_statements, open_to_all
from controls.language.rules import HIGH, MEDIUM, Rule, require_value
from controls.language.tokens import BUS_PERMISSION, BUS_POLICY, EVENT_ENDPOINT
from controls.language.verdicts import Fail, Undecided, Verdicts


def not_public(node: Node) -> Verdicts:
    message = "lets anyone send events: name accounts, or add a condition on aws:PrincipalOrgID"
    yield from forbid_statements(node, ("policy",), open_to_all, message)
    principal = node.get("principal")
    if node.has("condition"):
        return
    if principal is UNKNOWN:
        yield Undecided("principal")
    elif principal == "*":
        yield Fail("`principal` lets anyone send events: name an account, or a condition on the organisation")


RULES: Final = (
    Rule(
        "eventbridge-bus-policy-not-public",
        HIGH,
        BUS_POLICY + BUS_PERMISSION,
        not_public,
        asks="Event buses take events from known accounts or one organisation",
        fix="Name accounts, or tie the wildcard to the organisation by aws:PrincipalOrgID",
        ids="EventBridge.3 CIS-7.0:2.21",
        reads="policy principal condition",
    ),
    require_value(
        "eventbridge-global-endpoint-replicates",
        MEDIUM,
        EVENT_ENDPOINT,
        "replicationConfig.state",
        lambda it: it == "ENABLED",
        message="set it to ENABLED or leave it out",
        missing_ok=True,  # AWS replicates when nothing is said
        asks="Global endpoints repeat events in the second region",
        fix="Set replicationConfig.state to ENABLED",
        ids="EventBridge.4",
    ),
)
