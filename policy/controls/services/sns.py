"""Rules on SNS topics: encryption, publishers, subscriptions."""

from __future__ import annotations

from typing import Final

from controls.language.facts import Node
from controls.language.iam.documents import cross_account, forbid_statements, open_to_all
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Config, Param, Rule, require_value
from controls.language.shapes import require_present
from controls.language.tokens import SUBSCRIPTION, TOPIC, TOPIC_POLICY
from controls.language.verdicts import Verdicts


def not_public(node: Node) -> Verdicts:
    yield from forbid_statements(
        node, ("policy",), open_to_all, "lets anyone use the topic: name principals or a source"
    )


def known_accounts(node: Node, config: Config) -> Verdicts:
    message = "admits another account: list it, or name your own"
    yield from forbid_statements(node, ("policy",), cross_account(node, config["accounts"]), message)


RULES: Final = (
    require_present(
        "sns-encrypted",
        MEDIUM,
        TOPIC,
        "kmsMasterKeyId",
        message="name a key",
        asks="Topics are encrypted with a key of KMS",
        fix="Name a key of this region in kmsMasterKeyId",
        ids="SNS.1 CKV_AWS_26",
    ),
    Rule(
        "sns-policy-not-public",
        CRITICAL,
        TOPIC_POLICY + TOPIC,
        not_public,
        asks="Topic policies name no wildcard principal without a condition",
        fix="Name the service or role that publishes, with a condition on aws:SourceArn",
        ids="SNS.4 CIS-7.0:2.21 CKV_AWS_169",
        reads="policy",
    ),
    Rule(
        "sns-policy-no-cross-account",
        HIGH,
        TOPIC_POLICY + TOPIC,
        known_accounts,
        asks="Topic policies admit only known accounts",
        fix="Name principals of your own account, or list the other one in the rule's configuration",
        ids="CKV_AWS_385",
        reads="policy",
        config={
            "accounts": Param([], "Account ids that count as one's own, beside the provider's allow-list")
        },
    ),
    require_value(
        "sns-subscription-no-plain-http",
        HIGH,
        SUBSCRIPTION,
        "protocol",
        lambda it: it != "http",
        message="use https",
        asks="Subscriptions never deliver over plain HTTP",
        fix="Set protocol to https, with an endpoint that begins so",
    ),
)
