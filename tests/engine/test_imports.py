"""Import of existing things: our command records and refuses the same as the Pulumi CLI's, in the same cloud.

What the CLI did is kept as data. `make record-engine` records it anew, with the Pulumi CLI on PATH.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rehearsal import provider
from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.provider_verbs import ResourceIdentity
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.state.store import Store
from tests.engine.state_edits import PROVIDER, ROOT, CommandLine, Entry, PulumiCli, entry, urn
from tests.engine.test_state_edits import Ours
from tests.root import SCHEMAS

RECORDED = Path(__file__).parent / "recorded" / "imports.json"
RECORD = os.environ.get("RECORD") == "engine"
VPC = "aws:ec2/vpc:Vpc"
KNOWN, NEW = f"{VPC}::known", f"{VPC}::new"  # one is recorded already, the other is to be imported
STACK = [
    entry(ROOT),
    entry(PROVIDER, id="11", inputs={"region": "us-east-1"}, outputs={"region": "us-east-1"}, parent=ROOT),
]


def existing(store: Store) -> dict[str, str]:
    """Makes two VPCs in the cloud. Returns their ids by URN."""
    cloud, ids = Cloud(store.resources, SCHEMAS), {}
    for n, short in enumerate((KNOWN, NEW)):
        with store.change():
            identity = ResourceIdentity(urn(short), VPC, {"region": "us-east-1"})
            made = cloud.create(
                identity, {"cidrBlock": f"10.{n}.0.0/16", "tags": {"of": short}}, preview=False
            )
            store.commit("outside", {}, made.changes)
            ids[short] = str(made.id)
    return ids


@dataclass(frozen=True)
class Case:
    """One import, of a line of arguments or of a file. `{new}` and `{known}` are the ids of the two VPCs."""

    arguments: Sequence[str] = ()
    file: dict[str, Any] | None = None


def line(
    name: str = "new", id_: str = "{new}", *options: str, by: str = f"--provider={urn(PROVIDER)}"
) -> Case:
    return Case((VPC, name, id_, *([by] if by else []), *options))


def listed(*resources: dict[str, Any], **table: str) -> Case:
    return Case(file={"nameTable": {"p": urn(PROVIDER), **table}, "resources": list(resources)})


def vpc(name: str, id_: str = "{new}", **more: Any) -> dict[str, Any]:
    return {"type": VPC, "name": name, "id": id_, "provider": "p", **more}


COMPONENT = {"type": "lab:index:C", "name": "net", "component": True}
CASES: dict[str, Case] = {
    "one": line(),
    "one without protection": line("new", "{new}", "--no-protect"),
    "by a default provider": line(by=""),
    "what doesn't exist": line("new", "vpc-none"),
    "what is recorded already": line("known", "{known}"),
    "another under a name that is recorded": line("known", "{new}"),
    "what is recorded under another name": line("new", "{known}"),
    "under a parent": line("new", "{new}", f"--parent=root={urn(ROOT)}"),
    "under an unknown parent": line("new", "{new}", f"--parent={urn('lab:index:C::none')}"),
    "under what is no URN": line("new", "{new}", "--parent=net"),
    "by what is no provider": line(by=f"--provider={urn(KNOWN)}"),
    "without an id": Case((VPC, "new")),
    "of an unknown type": Case(("aws:ec2/vpc:Cpv", "new", "{new}", f"--provider={urn(PROVIDER)}")),
    "two of a file, one in the other": listed(vpc("new", parent="net"), COMPONENT),
    "a file with a line": Case((VPC, "new", "{new}"), {"resources": []}),
    "an unknown parent in a file": listed(vpc("new", parent="none")),
    "an unknown provider in a file": listed(vpc("new", provider="q")),
    "some properties in a file": listed(vpc("new", properties=["cidrBlock"])),
    "an ambiguous parent in a file": listed(
        vpc("new", parent="net"), COMPONENT, {**COMPONENT, "logicalName": "other"}
    ),
    "one twice in a file": listed(vpc("new"), vpc("new")),
    "two names in a file": listed(vpc("main", logicalName="new")),
    "neither name nor id in a file": listed({"type": VPC}, {"name": "x", "id": "y"}),
    "a component with an id in a file": listed({**COMPONENT, "id": "x"}),
}


def outcome(case: Case, ids: dict[str, str], on: CommandLine, file: Path) -> dict[str, Any]:
    known = {"cidrBlock": "10.0.0.0/16"}
    recorded = entry(KNOWN, id=ids[KNOWN], parent=ROOT, provider=PROVIDER, inputs=known, outputs=known)
    on.put("dev", [*STACK, recorded])
    arguments = ["import", *case.arguments, "--stack", "dev", "--skip-preview", "--no-generate-code"]
    if case.file is not None:
        file.write_text(_filled(json.dumps(case.file), ids))
        arguments += ["--file", str(file)]
    code, said = on.run([_filled(argument, ids) for argument in arguments], "")
    new = [it for it in on.entries("dev") if it["urn"] not in {urn(ROOT), urn(PROVIDER), urn(KNOWN)}]
    found = {"fails": code != 0, "says": _said(said), "records": sorted(map(_steady, new), key=str)}
    return json.loads(json.dumps(found).replace(ids[NEW], "{new}").replace(ids[KNOWN], "{known}"))


def _filled(text: str, ids: dict[str, str]) -> str:
    return text.replace("{new}", ids[NEW]).replace("{known}", ids[KNOWN])


def _steady(it: Entry) -> Entry:
    """Entry without times, and without the id that an engine makes up for a default provider."""
    made = {"id", "version"} if it["type"].startswith("pulumi:providers:") else set()
    kept = {key: value for key, value in it.items() if value and key not in {"created", "modified", *made}}
    if "::default" in kept.get("provider", ""):
        kept["provider"] = kept["provider"].rpartition("::")[0]
    return kept


# The words that both must have, if one of them has.
_WORDS = (
    "does not exist",
    "already exists",
    "unknown parent",
    "invalid parent URN",
    "is not a provider",
    "missing id",
    "has no entry in 'nameTable'",
    "has an ambiguous parent",
    "has an ambiguous URN",
    "has no ID",
    "has no name",
    "has no type",
    "has an ID, but is marked as a component",
    "may not be specified in conjunction with an import file",
    "One or more imported inputs failed to validate.",
)


def _said(said: str) -> list[str]:
    return [words for words in _WORDS if words in said]


def recorded() -> dict[str, Any]:
    return json.loads(RECORDED.read_text())


@pytest.mark.parametrize("name", CASES)
def test_an_import_does_what_the_cli_did(tmp_path: Path, name: str) -> None:
    ids = existing(Store(tmp_path / "state", baseline.resources()))
    assert outcome(CASES[name], ids, Ours(tmp_path), tmp_path / "imports.json") == recorded()[name]


@pytest.mark.engine
def test_the_cli_still_imports_as_is_recorded(tmp_path: Path, server: ForkServer) -> None:
    store = Store(tmp_path / "state", baseline.resources())
    ids = existing(store)
    with provider.serve(store, Cloud(store.resources, SCHEMAS), server) as attached:
        cli = PulumiCli(tmp_path, attached)
        found = {name: outcome(case, ids, cli, tmp_path / "imports.json") for name, case in CASES.items()}
    if RECORD:
        cases = ",\n".join(f"{json.dumps(name)}: {json.dumps(it)}" for name, it in found.items())
        RECORDED.write_text(f"{{\n{cases}\n}}\n")
    assert found == recorded()
