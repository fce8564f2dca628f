"""A pack names the functions that it offers beside its policies in one file, and a wrong name there is an error."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.engine.events import FailedError
from rehearsal.engine.policies import entries
from rehearsal.engine.policies.pack import PackSource
from tests.rehearsal.lab import Lab
from tests.root import PACK

RIGHT = "platform-findings: offered:findings\nfailover-moves: offered:moves\n"
OFFERED = """
def findings(stacks, config):
    return [{"rule": "r", "urn": stack, "message": "m", "fix": "f", "mandatory": True, "severity": "high"}
            for stack in stacks]
def moves(stacks):
    return [{"name": stack} for stack in stacks]
"""


def pack(lab: Lab, text: str | None, offered: str = OFFERED) -> Any:
    """The engine with a pack whose file of entries has this text, or that has none."""
    folder = lab.folder / "pack"
    folder.mkdir()
    (folder / "offered.py").write_text(offered)
    if text is not None:
        (folder / "entries.yaml").write_text(text)
    lab.pack = PackSource(folder)
    return lab.engine()


def test_the_engine_runs_the_entries_that_the_pack_names(lab: Lab) -> None:
    engine = pack(lab, RIGHT)
    assert [(it.rule, it.urn, it.message) for it in engine.platform(["dev"])] == [("r", "dev", "m\nf")]
    assert engine.moves(["dev"]) == [{"name": "dev"}]


def test_a_pack_without_the_file_has_no_entries(lab: Lab) -> None:
    engine = pack(lab, None)
    assert engine.platform(["dev"]) is None
    assert engine.moves(["dev"]) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write platform-findings and failover-moves, each with a module:function of the pack"),
        (
            "platform-findings: offered:findings\n",
            "failover-moves is missing: name the pack's function for it",
        ),
        ("failover-moves: offered:moves\n", "platform-findings is missing: name the pack's function for it"),
        (f"{RIGHT}moves: offered:moves\n", "moves: no entry is called so; write platform-findings or"),
        (RIGHT.replace(":findings", ""), "platform-findings: write module:function, for example"),
        (RIGHT.replace("offered:moves", "7"), "failover-moves: write module:function, for example"),
        ("[", "not YAML: "),
    ],
)
def test_a_file_that_is_wrong_is_an_error(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "entries.yaml").write_text(text)
    with pytest.raises(FailedError) as error:
        entries.read(tmp_path)
    assert f"{error.value}".startswith(f"{tmp_path / 'entries.yaml'}: {says}")
    assert "\n" not in f"{error.value}"


@pytest.mark.parametrize(
    ("text", "offered", "says"),
    [
        (
            RIGHT.replace("offered:findings", "lost:findings"),
            OFFERED,
            "entries.yaml: platform-findings: the pack has no module lost",
        ),
        (
            RIGHT.replace("offered:findings", "lost.found:findings"),
            OFFERED,
            "entries.yaml: platform-findings: the pack has no module lost.found",
        ),
        (
            RIGHT,
            "findings = 7",
            "entries.yaml: platform-findings: the pack's module offered has no function findings",
        ),
        (RIGHT, "import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
    ],
)
def test_an_entry_that_is_not_there_is_an_error(lab: Lab, text: str, offered: str, says: str) -> None:
    engine = pack(lab, text, offered)
    with pytest.raises(FailedError) as error:
        engine.platform(["dev"])
    assert f"{error.value}" == says


def test_castles_pack_names_every_entry() -> None:
    assert set(entries.read(PACK)) == set(entries.NAMES)
