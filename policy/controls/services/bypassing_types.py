"""Rule on resource types that bypass the rules.

An older name of a type, another provider of the same cloud, or a type that makes many objects in one would
otherwise create, unseen, what other rules judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from controls.language.facts import Node
from controls.language.rules import MEDIUM, Config, Param, Rule
from controls.language.tokens import ANY
from controls.language.verdicts import Fail, Verdicts

# By the beginning of a type: what to use instead.
_BYPASSING: Final[Mapping[str, str]] = {
    "aws-native:": "use the type of the package aws",
    "awscc:": "use the type of the package aws",
    "aws:cloudcontrol/resource:": "use the thing's own type",
    "aws:cloudformation/stack:": "register its resources one by one",
    "aws:cloudformation/stackSet:": "register its resources one by one",
    "aws:serverlessrepository/cloudFormationStack:": "register its resources one by one",
    "kubernetes:helm.sh/v3:Release": "use a Chart, whose objects are resources of their own",
    "command:": "use a provider's type",
    "pulumi-nodejs:dynamic": "use a provider's type",
    "pulumi-python:dynamic": "use a provider's type",
}
# Groups that are Kubernetes' own; a custom resource of another group may have any kind's name.
_KUBERNETES: Final = re.compile(
    r"kubernetes:(core|apps|batch|extensions|policy|autoscaling"
    r"|(networking|rbac\.authorization|storage)\.k8s\.io)/[^:]+:(?P<kind>\w+)"
)
_AWS: Final = re.compile(r"aws:(?P<module>\w+)/\w+:(?P<kind>\w+)")


def bypassing_types_rule(rules: Iterable[Rule]) -> Rule:
    """Builds the rule on bypassing types; `rules` are all the others."""
    seen = {token for rule in rules for token in rule.types}
    meant = {_kind_of(token) for token in seen}

    def check(node: Node, config: Config) -> Verdicts:
        if node.type in seen or any(fnmatchcase(node.type, it) for it in config["allowed"]):
            return
        for start, instead in _BYPASSING.items():
            if node.type.startswith(start):
                yield Fail(f"no rule sees what a resource of this type makes: {instead}")
        if _kind_of(node.type) in meant:
            yield Fail("no rule sees this name of the type: use the one that the SDK has now")

    return Rule(
        "type-seen-by-rules",
        MEDIUM,
        ANY,
        check,
        asks="Nothing comes by a type that hides from the rules what it makes",
        fix="Use the type that rules are on, or list this one in the rule's configuration",
        config={"allowed": Param([], "Types, as globs, that may be used all the same")},
    )


@cache
def _kind_of(token: str) -> str:
    """Kind of a type without its version; a list of Kubernetes objects has the kind of its items."""
    if found := _KUBERNETES.fullmatch(token):
        return found["kind"].removesuffix("List")
    found = _AWS.fullmatch(token)
    return f"{found['module']}/{re.sub(r'[Vv]2$', '', found['kind'])}" if found else token
