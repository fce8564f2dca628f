"""Resources beside the backup selections that may select them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

SELECTION = "aws:backup/selection:Selection"
BY_TAG = {"selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "standard"}]}
TAGGED = {"tags": {"backup": "standard"}}
ARN = "arn:aws:any:eu-west-1:123456789012:thing/it"


def selecting(
    token: str,
    props: Mapping[str, Any],
    *selections: Mapping[str, Any],
    region: str = "eu-west-1",
    **needs: Any,
) -> list[Res]:
    """One thing in Ireland, and selections there or in another region."""
    return [
        Res(token, {"region": "eu-west-1", **props}, "it"),
        *(
            Res(SELECTION, {"region": region, "planId": "plan", **it}, f"selection{i}", needs)
            for i, it in enumerate(selections)
        ),
    ]


def cases(token: str) -> Cases:
    """The cases of a rule that a backup plan selects each resource of a type."""

    def condition(operator: str, value: str) -> dict[str, Any]:
        wanted = {"key": "aws:ResourceTag/backup", "value": value}
        return {"resources": ["*"], "conditions": [{operator: [wanted]}]}

    return Cases(
        token,
        compliant=selecting(token, TAGGED, BY_TAG),
        violating=selecting(token, {"tags": {"backup": "none"}}, BY_TAG),
        missing=broken(selecting(token, TAGGED)),
        unknown=selecting(token, {"tags": UNKNOWN}, BY_TAG),
        more={
            "by a default tag of its provider": kept(selecting(token, {"tagsAll": TAGGED["tags"]}, BY_TAG)),
            "by one of several selections": kept(
                selecting(token, TAGGED, {"resources": ["arn:aws:other"]}, BY_TAG)
            ),
            "in another region": broken(selecting(token, TAGGED, BY_TAG, region="us-east-1")),
            "by its ARN": kept(selecting(token, {"arn": ARN}, {"resources": [ARN]})),
            "by its ARN, not known yet": kept(
                selecting(token, {}, {"resources": [UNKNOWN]}, resources=["it"])
            ),
            "by one of several ARNs": kept(
                selecting(token, {"arn": ARN}, {"resources": ["arn:aws:other", ARN]})
            ),
            "by one of several tags": kept(
                selecting(
                    token,
                    TAGGED,
                    {"selectionTags": [{"key": "tier", "value": "1"}, *BY_TAG["selectionTags"]]},
                )
            ),
            "by a pattern": kept(selecting(token, {"arn": ARN}, {"resources": ["arn:aws:any:*:*:thing/*"]})),
            "by a pattern, its ARN not known yet": undecided(
                selecting(token, {}, {"resources": ["arn:aws:any:*:*:thing/*"]})
            ),
            "by a pattern of other things": broken(
                selecting(token, {"arn": ARN}, {"resources": ["arn:aws:any:*:*:other/*"]})
            ),
            "by a condition": kept(selecting(token, TAGGED, condition("stringEquals", "standard"))),
            "by a condition that it isn't": kept(
                selecting(token, TAGGED, condition("stringNotEquals", "none"))
            ),
            "not by a condition that it isn't": broken(
                selecting(token, TAGGED, condition("stringNotEquals", "standard"))
            ),
            "not by a condition": broken(selecting(token, TAGGED, condition("stringNotLikes", "st*"))),
            "left out by name": broken(
                selecting(token, {"arn": ARN}, {"resources": ["*"], "notResources": [ARN]})
            ),
            "nothing is selected by an empty selection": broken(
                selecting(token, TAGGED, {"resources": [], "selectionTags": []})
            ),
        },
    )
