"""State edits on records that a test writes: cases, and what the Pulumi CLI makes of each."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

Entry = dict[str, Any]  # of an export
ROOT = "pulumi:pulumi:Stack::lab-dev"
NET = "lab:index:C::net"
PROVIDER = "pulumi:providers:aws::p"
VPC = "lab:index:C$aws:ec2/vpc:Vpc::vpc"
SUBNET = "lab:index:C$aws:ec2/subnet:Subnet::subnet"
SPARE = "lab:index:C$aws:ec2/subnet:Subnet::spare"
FLOW = "aws:ec2/flowLog:FlowLog::flow"
TOPIC = "aws:sns/topic:Topic::topic"
POLICY = "aws:sns/topicPolicy:TopicPolicy::policy"
DEFAULT = "pulumi:providers:aws::default_7_0_0"


def urn(short: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::lab::{short}"


def entry(short: str, stack: str = "dev", **fields: Any) -> Entry:
    """Entry of an export. Fields that name resources may do so by the short form."""
    type_ = short.split("::", maxsplit=1)[0].rsplit("$", 1)[-1]
    made: Entry = {"urn": urn(short, stack), "type": type_, "custom": "id" in fields, **fields}
    for name in ("parent", "deletedWith"):
        if name in made:
            made[name] = urn(made[name], stack)
    if "provider" in made:
        made["provider"] = f"{urn(made['provider'], stack)}::{'22' if made['provider'] == DEFAULT else '11'}"
    if "dependencies" in made:
        made["dependencies"] = [urn(one, stack) for one in made["dependencies"]]
    if "propertyDependencies" in made:
        properties = made["propertyDependencies"].items()
        made["propertyDependencies"] = {key: [urn(one, stack) for one in many] for key, many in properties}
    return made


NETWORK = [
    entry(ROOT),
    entry(PROVIDER, id="11", inputs={"region": "us-east-1"}, parent=ROOT),
    entry(DEFAULT, id="22", inputs={"version": "7.0.0"}),
    entry(NET, parent=ROOT),
    entry(VPC, id="vpc-1", parent=NET, provider=PROVIDER, protect=True, inputs={"cidrBlock": "10.0.0.0/16"}),
    entry(
        SUBNET,
        id="subnet-1",
        parent=NET,
        provider=PROVIDER,
        dependencies=[VPC],
        propertyDependencies={"vpcId": [VPC], "cidrBlock": []},
    ),
    entry(SPARE, id="subnet-2", parent=NET, provider=PROVIDER),
    entry(FLOW, id="fl-1", parent=ROOT, provider=PROVIDER, dependencies=[SUBNET], deletedWith=VPC),
    entry(TOPIC, id="topic-2", parent=ROOT, provider=DEFAULT),
    entry(POLICY, id="policy", parent=ROOT, provider=DEFAULT, dependencies=[TOPIC]),
    entry(TOPIC, id="topic-1", parent=ROOT, provider=DEFAULT, delete=True),
]
EMPTY = [entry("pulumi:pulumi:Stack::lab-next", "next")]


def next_with(*entries: Entry) -> list[Entry]:
    return [*EMPTY, *entries]


@dataclass(frozen=True)
class Case:
    """One command; resources of `dev` are named by the short form. `text` is what it reads from standard input."""

    command: Sequence[str]
    urns: Sequence[str] = ()
    options: Sequence[str] = ()
    next: Sequence[Entry] = field(default_factory=lambda: EMPTY)
    text: str = ""

    def arguments(self) -> list[str]:
        """Arguments that both command lines take."""
        where = ["--source", "dev", "--dest", "next"] if self.command[1] == "move" else ["--stack", "dev"]
        named = [urn(one) if "::" in one else one for one in self.urns]
        return [*self.command, *named, *self.options, *where]


def state(command: str, *urns: str, **more: Any) -> Case:
    return Case(("state", command), urns, **more)


def export_of(entries: Sequence[Entry]) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": entries}})


def import_of(*entries: Entry, force: bool = False) -> Case:
    options = ("--force",) if force else ()
    return Case(("stack", "import"), options=options, text=export_of(entries))


ALL, FORCE, DEPENDENTS = "--all", "--force", "--target-dependents"
OTHER_REGION = entry(PROVIDER, "next", id="33", inputs={"region": "eu-west-1"})
SAME_PROVIDER = entry(PROVIDER, "next", id="33", inputs={"region": "us-east-1"})
CASES: dict[str, Case] = {
    "delete of what nothing needs": state("delete", FLOW),
    "delete of what is protected": state("delete", VPC),
    "delete of what is protected, and needed": state("delete", VPC, options=[FORCE]),
    "delete of what is protected, with what needs it": state("delete", VPC, options=[FORCE, DEPENDENTS]),
    "delete of what another needs": state("delete", SUBNET),
    "delete of what another needs, with that": state("delete", SUBNET, options=[DEPENDENTS]),
    "delete of two, of which one needs the other": state("delete", SUBNET, FLOW),
    "delete of one named twice": state("delete", FLOW, FLOW),
    "delete of a component with children": state("delete", NET),
    "delete of a component with a protected child": state("delete", NET, options=[DEPENDENTS]),
    "delete of a provider that is used": state("delete", PROVIDER),
    "delete of what is there twice": state("delete", TOPIC),
    "delete of the provider of what is there twice": state("delete", DEFAULT, options=[DEPENDENTS]),
    "delete of what isn't there": state("delete", "aws:ec2/vpc:Vpc::none"),
    "delete of what is no URN": state("delete", "vpc"),
    "delete of nothing": state("delete"),
    "delete of all, with a protected one": state("delete", options=[ALL]),
    "delete of all by force": state("delete", options=[ALL, FORCE]),
    "delete of all and of one": state("delete", FLOW, options=[ALL]),
    "rename of what others need": state("rename", VPC, "main"),
    "rename of a component": state("rename", NET, "network"),
    "rename of a provider": state("rename", PROVIDER, "q"),
    "rename of a stack's own resource": state("rename", ROOT, "other"),
    "rename to the same name": state("rename", VPC, "vpc"),
    "rename to a name that is taken": state("rename", SUBNET, "spare"),
    "rename of what is there twice": state("rename", TOPIC, "news"),
    "rename of what isn't there": state("rename", "aws:ec2/vpc:Vpc::none", "some"),
    "rename of what is no URN": state("rename", "vpc", "main"),
    "protection of two": state("protect", SUBNET, FLOW),
    "protection of what is there twice": state("protect", TOPIC),
    "protection of what isn't there": state("protect", FLOW, "a:b:C::one", "a:b:C::two"),
    "protection of all": state("protect", options=[ALL]),
    "protection of nothing": state("protect"),
    "protection lifted": state("unprotect", VPC),
    "protection lifted of all": state("unprotect", options=[ALL]),
    "taint of two": state("taint", SUBNET, NET),
    "taint of what isn't there": state("taint", "a:b:C::one"),
    "taint of what isn't tainted lifted": state("untaint", SUBNET),
    "taint lifted of all": state("untaint", options=[ALL]),
    "move of what needs what stays": state("move", FLOW),
    "move of what is needed, out of its component": state("move", VPC),
    "move of a component": state("move", NET),
    "move with the parents": state("move", SUBNET, options=["--include-parents"]),
    "move with a default provider": state("move", POLICY),
    "move of what is there twice": state("move", TOPIC),
    "move of a whole stack": state("move", ROOT),
    "move of a provider": state("move", PROVIDER),
    "move of what isn't there, too": state("move", SPARE, "a:b:C::one"),
    "move of nothing that is there": state("move", "a:b:C::one"),
    "move to a stack without records": state("move", SPARE, next=[]),
    "move to an equal provider": state("move", SPARE, next=next_with(SAME_PROVIDER)),
    "move to another provider of the same name": state("move", SPARE, next=next_with(OTHER_REGION)),
    "move to where it is already": state("move", POLICY, next=next_with(entry(POLICY, "next", id="x"))),
    "import": import_of(entry(ROOT), entry(NET, parent=ROOT)),
    "import of another stack": import_of(entry("pulumi:pulumi:Stack::lab-other", "other")),
    "import of another stack by force": import_of(entry("pulumi:pulumi:Stack::x", "other"), force=True),
    "import without a parent": import_of(entry(NET, parent=ROOT)),
    "import in the wrong order": import_of(entry(NET, parent=ROOT), entry(ROOT)),
    "import without a dependency": import_of(entry(ROOT), entry(NET, dependencies=[VPC])),
    "import before a dependency": import_of(entry(NET, dependencies=[ROOT]), entry(ROOT)),
    "import without a property's dependency": import_of(entry(NET, propertyDependencies={"a": [VPC]})),
    "import without what it is deleted with": import_of(entry(NET, deletedWith=VPC)),
    "import without a provider": import_of(entry(VPC, id="vpc-1", provider=PROVIDER)),
    "import of a component with an id": import_of(entry(NET, id="x", custom=False)),
    "import of one twice": import_of(entry(ROOT), entry(NET), entry(NET)),
    "import of one twice by force": import_of(entry(ROOT), entry(ROOT), force=True),
}


# ---- outcomes ---------------------------------------------------------------------------------------


class CommandLine(Protocol):
    """Command line with the stacks `dev` and `next`: Pulumi's, or ours."""

    def put(self, stack: str, entries: Sequence[Entry]) -> None:
        """Makes these the records of a stack."""
        ...

    def run(self, arguments: Sequence[str], text: str) -> tuple[int, str]:
        """Exit status of a command, and all that it says."""
        ...

    def entries(self, stack: str) -> list[Entry]:
        """Records of a stack, as it would export them."""
        ...


def outcome(case: Case, line: CommandLine) -> dict[str, Any]:
    """Outcome of a case: whether it failed, what it says, and how the records differ by it."""
    before = {"dev": NETWORK} | ({"next": list(case.next)} if case.command[1] == "move" else {})
    for stack, entries in before.items():
        line.put(stack, entries)
    code, said = line.run(case.arguments(), case.text)
    found: dict[str, Any] = {"fails": code != 0, "says": _words(said, done=code == 0)}
    for stack, entries in before.items():
        old, after = _by_key(entries), _by_key(line.entries(stack))
        found |= {
            f"{stack} without": sorted(old.keys() - after.keys()),
            f"{stack} with": [after[key] for key in sorted(after) if after[key] != old.get(key)],
        }
    return {key: value for key, value in found.items() if value or key == "fails"}


def _by_key(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Entries by URN, and by id for what awaits its deletion, without what is empty or a time."""
    kept = [
        {key: value for key, value in _sorted(it).items() if value and key not in ("created", "modified")}
        for it in entries
    ]
    return {f"{it['urn']} {it['id']}" if it.get("delete") else it["urn"]: it for it in kept}


def _sorted(it: Mapping[str, Any]) -> Entry:
    properties = {key: sorted(many) for key, many in (it.get("propertyDependencies") or {}).items() if many}
    dependencies = sorted(it.get("dependencies") or ())
    return dict(sorted({**it, "dependencies": dependencies, "propertyDependencies": properties}.items()))


# Where to look for URNs, headings, and suggestions, each command line has words of its own for.
_OWN = re.compile(
    r"|To list the resource URNs.*|`python -m rehearsal show.*|\d+ errors? occurred:|Did you mean:|urn:\S+"
    r"|Planning to move .*|Moved from .*|Successfully moved .*|The following resources .*|If you go ahead .*"
    r"|appropriate inputs .*|It is necessary .*|moved to\..*|-+|Usage:.*|.*--help.*"
)

_PLANS = ("- urn:", "deleting protected resource")


def _words(said: str, *, done: bool) -> list[str]:
    """Lines that both command lines have, without what was only planned."""
    lines = [re.sub(r"^(error:|warning:)?\s*(\d\)|\*)?\s*", "", line.rstrip()) for line in said.splitlines()]
    lines = [line.removesuffix(" unless pulumi is run interactively") for line in lines]
    return sorted(
        {line for line in lines if not _OWN.fullmatch(line) and (done or not line.startswith(_PLANS))}
    )


class PulumiCli:
    """The Pulumi CLI, with a backend of its own in a folder; `attached` is the environment of its providers."""

    def __init__(self, folder: Path, attached: Mapping[str, str] | None = None) -> None:
        (folder / "Pulumi.yaml").write_text("name: lab\nruntime: python\n")
        for name in ("home", "backend"):
            (folder / name).mkdir()
        self._folder = folder
        self._env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")},
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **(attached or {}),
        }
        for stack in ("dev", "next"):
            self._must(["stack", "init", stack], "")
            self._must(["config", "set", "aws:region", "us-east-1", "--stack", stack], "")

    def put(self, stack: str, entries: Sequence[Entry]) -> None:
        self._must(["stack", "import", "--stack", stack], export_of(entries))

    def run(self, arguments: Sequence[str], text: str) -> tuple[int, str]:
        yes = ["--yes"] if arguments[0] in ("state", "import") else []
        own = [re.sub(r"^--no-(.+)", r"--\1=false", one) for one in arguments]
        command = ["pulumi", *own, *yes, "--non-interactive", "--color=never"]
        done = subprocess.run(
            command, cwd=self._folder, env=self._env, input=text, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def entries(self, stack: str) -> list[Entry]:
        exported = json.loads(self._must(["stack", "export", "--stack", stack], ""))
        return exported["deployment"].get("resources") or []

    def _must(self, arguments: Sequence[str], text: str) -> str:
        code, said = self.run(arguments, text)
        assert code == 0, said
        return said
