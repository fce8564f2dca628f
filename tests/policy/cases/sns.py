"""Cases of the rules on SNS topics."""

from __future__ import annotations

import json

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept
from tests.policy.subjects.documents import ACCOUNT, policy

TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
OTHER = "arn:aws:iam::210987654321:root"  # an account of the documentation, turned round
OWN = {"allowedAccountIds": json.dumps([ACCOUNT])}


CASES = {
    "sns-encrypted": Cases(
        "aws:sns/topic:Topic",
        compliant={"kmsMasterKeyId": "alias/castle"},
        violating={"kmsMasterKeyId": ""},
        missing=broken({}),
        unknown=kept({"kmsMasterKeyId": UNKNOWN}),
    ),
    "sns-policy-not-public": Cases(
        TOPIC_POLICY,
        compliant=policy(Principal={"Service": "events.amazonaws.com"}, Action="sns:Publish", Resource="*"),
        violating=policy(Principal={"AWS": "*"}, Action="sns:Publish", Resource="*"),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "AWS's own default": kept(
                policy(
                    Principal={"AWS": "*"},
                    Action="sns:Publish",
                    Condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
                )
            )
        },
    ),
    "sns-policy-no-cross-account": Cases(
        TOPIC_POLICY,
        compliant=Res(TOPIC_POLICY, policy(Principal={"AWS": ACCOUNT}, Action="sns:Publish"), provider=OWN),
        violating=Res(TOPIC_POLICY, policy(Principal={"AWS": OTHER}, Action="sns:Publish"), provider=OWN),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "a listed account": kept(
                policy(Principal={"AWS": OTHER}, Action="sns:Publish"), accounts=["210987654321"]
            )
        },
    ),
    "sns-subscription-no-plain-http": Cases(
        "aws:sns/topicSubscription:TopicSubscription",
        compliant={"protocol": "https"},
        violating={"protocol": "http"},
        missing=broken({}),
        unknown={"protocol": UNKNOWN},
    ),
}
