"""Asks both evaluations what each role of the platform may do: `make simulator`.

Questions are the role's own statements: each action on each resource, in the region or without one, with the
conditions' own values. Left out is what the other reads in another way: requests on `*`, keys, and what it refuses.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from rehearsal.iam.documents import Condition, Statement, statements
from rehearsal.iam.evaluation import Decision, Request, decide
from rehearsal.judges.reference import reference
from tests.stacks.platform import Platform, brought_up

_PACKAGE: Final = "@cloud-copilot/iam-simulate@0.1.173"
_SCRIPT: Final = Path(__file__).with_name("ask.mjs")
_ACCOUNT: Final = "123456789012"
_MANY: Final = 4  # actions of a pattern, and values of a condition


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        platform = brought_up(Path(folder))
    asked = list(questions(platform))
    theirs = answers([question for question, _ in asked])
    console = Console(highlight=False)
    taken = [
        (question, own, other)
        for (question, own), other in zip(asked, theirs, strict=True)
        if other != "Error"
    ]
    differing = [one for one in taken if one[1] != (one[2] == "Allowed")]
    for question, own, other in differing:
        console.print(
            f"{json.dumps(question['request'])}: {'allowed' if own else 'not allowed'} here, {other} there"
        )
    console.print(
        f"{len(taken) - len(differing)} of {len(taken)} answers alike, {sum(own for _, own, _ in taken)} of them "
        f"allowed; {len(asked) - len(taken)} questions not taken"
    )
    return 1 if differing or len(taken) < len(asked) / 2 else 0


def questions(platform: Platform) -> Iterator[tuple[dict[str, Any], bool]]:
    """Questions in the other's words, each with our answer."""
    documents = {one.outputs["arn"]: one.inputs["policy"] for one in platform.of("aws:iam/policy:Policy")}
    roles = {one.id: one for one in platform.of("aws:iam/role:Role")}
    for policy in platform.of("aws:iam/rolePolicy:RolePolicy"):
        role = roles[policy.inputs["role"]]
        text, most = policy.inputs["policy"], documents[role.inputs["permissionsBoundary"]]
        for request in requests(text):
            allowed = all(decide(request, statements(one))[0] is Decision.ALLOWED for one in (text, most))
            asked = {
                "principal": role.outputs["arn"],
                "action": request.action,
                "resource": {"resource": request.resource, "accountId": _ACCOUNT},
                "contextVariables": {name: values[0] for name, values in request.keys.items()},
            }
            own = [{"name": "own", "policy": json.loads(text)}]
            limits = [{"name": "most", "policy": json.loads(most)}]
            yield (
                {"request": asked, "identityPolicies": own, "permissionBoundaryPolicies": limits},
                allowed,
            )


def requests(document: str) -> Iterator[Request]:
    """Requests that a document's statements are about, and some that they just aren't."""
    for statement in statements(document):
        for pattern in statement.actions or ():
            for action in islice(reference().actions(pattern), _MANY):
                if not action.name.startswith("kms:"):
                    for resource in resources(statement):
                        for keys in contexts(statement):
                            yield Request(action.name, resource, keys)


def resources(statement: Statement) -> Iterator[str]:
    for pattern in statement.resources or ():
        if pattern != "*":
            yield pattern.replace("*", "x")


def contexts(statement: Statement) -> Iterator[dict[str, tuple[str, ...]]]:
    """Condition keys of a request: those that are asked for, in this region, in another, and without any of them."""
    asked = {one.key.lower(): (example(one),) for one in statement.conditions}
    for region in ("us-east-1", "ap-south-1"):
        for keys in (asked, {}) if asked else (asked,):
            yield {"aws:requestedregion": (region,), "aws:securetransport": ("true",), **keys}


def example(condition: Condition) -> str:
    return condition.values[0].replace("*", "x")


def answers(asked: list[dict[str, Any]]) -> list[str]:
    """The other's answers."""
    lines = "\n".join(json.dumps(one) for one in asked)
    command = ["npx", "--yes", "--package", _PACKAGE, "--", "node", str(_SCRIPT)]
    # Elsewhere, so that it leaves nothing here.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{_PACKAGE} can't be asked: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    sys.exit(main())
