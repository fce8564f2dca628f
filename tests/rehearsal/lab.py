"""Lab for the embedded engine: small programs, written into a folder, run against a pretend cloud."""

from __future__ import annotations

import textwrap
from pathlib import Path

from rehearsal.cloud import Cloud, baseline
from rehearsal.engine import urns
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.events import Diagnostic
from rehearsal.engine.operations import Result
from rehearsal.engine.policies.pack import PackSource
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.project import Project
from rehearsal.state.store import Store
from tests.root import SCHEMAS

HEAD = """
import pulumi, pulumi_aws as aws
from pulumi import ResourceOptions as O
p = aws.Provider("p", region="us-east-1", allowed_account_ids=["123456789012"])
o = O(provider=p)
"""


class Lab:
    """One project with one stack, `dev`, whose program a test writes and rewrites."""

    def __init__(self, folder: Path, server: ForkServer) -> None:
        self.folder = folder
        self.state = folder / ".rehearsal"
        self._server = server
        self._packs = 0
        self.pack: PackSource | None = None
        (folder / "Pulumi.yaml").write_text("name: lab\nruntime: python\n")

    def program(self, body: str, head: str = HEAD) -> None:
        """Makes `body` the program, after the usual imports and a provider `p` with options `o`."""
        (self.folder / "__main__.py").write_text(head + textwrap.dedent(body))

    def policies(self, body: str) -> None:
        """Makes `body`, which defines `policies`, the policy pack from now on."""
        self._packs += 1
        pack = self.folder / f"pack{self._packs}"
        pack.mkdir()
        (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
        (pack / "__main__.py").write_text(
            "from pulumi_policy import *\n" + textwrap.dedent(body) + "\nPolicyPack('lab', policies)\n"
        )
        self.pack = PackSource(pack)

    def engine(self) -> EmbeddedEngine:
        """An engine over what is on disk, as a new process would have it."""
        store = Store(self.state, baseline.resources())
        cache = SCHEMAS
        return EmbeddedEngine(
            Project.read(self.folder), store, Cloud(store.resources, cache), self.pack, server=self._server
        )

    def up(self, stack: str = "dev", **config: str) -> Result:
        """An update, without a preview before it."""
        engine = self.engine()
        return engine.update(stack, engine.project.config(stack, config))

    def preview(self, stack: str = "dev", **config: str) -> Result:
        engine = self.engine()
        return engine.preview(stack, engine.project.config(stack, config))

    def refresh(self) -> Result:
        return self.engine().refresh("dev")

    def destroy(self) -> Result:
        return self.engine().destroy("dev")

    def living(self) -> set[str]:
        """The types and names of all that exists in the cloud and a program made."""
        return {
            f"{thing.type.rsplit(':', 1)[-1]} {urns.name_of(thing.urn)}"
            for thing in self.engine().cloud.living()
        }

    def lines(self) -> list[str]:
        """The lines of the stack's journal."""
        return (self.state / "dev.journal").read_text().splitlines()


def ops(result: Result) -> list[str]:
    """The steps that did something, as `op name`, in their order."""
    return [f"{s.op} {urns.name_of(s.urn)}" for s in result.steps if s.op not in ("same", "read")]


def nothing_changes(lab: Lab) -> None:
    """One more update, which must succeed and do nothing: of one that is refused there are no steps, either."""
    again = lab.up()
    assert not again.failed, errors(again)
    assert ops(again) == []


def errors(result: Result) -> list[str]:
    """Messages of the errors among the events."""
    return [e.message for e in result.events if isinstance(e, Diagnostic) and e.severity == "error"]
