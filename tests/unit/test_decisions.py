"""The index of decisions and the pages that it lists."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from tests.root import ROOT

FOLDER = ROOT / "docs" / "decisions"
ROW = re.compile(
    r"^\| \[(?P<title>[^]]+)\]\((?P<file>[\w-]+\.md)\) \| (?P<status>[^|]+) \| (?P<date>[^|]+) \|$"
)
TITLE = re.compile(r"^# (?P<title>.+)$", re.MULTILINE)
STATUS = re.compile(r"^Status: (?P<status>.+), (?P<date>[\d-]+)$", re.MULTILINE)


class Decision(NamedTuple):
    file: str
    title: str
    status: str
    date: str


def indexed() -> list[Decision]:
    lines = (FOLDER / "README.md").read_text().splitlines()
    rows = [found for line in lines if (found := ROW.match(line))]
    return [Decision(row["file"], row["title"], row["status"], row["date"]) for row in rows]


def pages() -> list[Decision]:
    found: list[Decision] = []
    for path in sorted(FOLDER.glob("*.md")):
        if path.name == "README.md":
            continue
        text = path.read_text()
        titles, statuses = list(TITLE.finditer(text)), list(STATUS.finditer(text))
        assert len(titles) == 1, f"{path.name} has {len(titles)} titles"
        assert len(statuses) == 1, (
            f"{path.name} has {len(statuses)} lines of the form `Status: accepted, <date>`"
        )
        (title,), (status,) = titles, statuses
        found.append(Decision(path.name, title["title"], status["status"], status["date"]))
    return found


def test_every_decision_is_in_the_index_with_its_title_status_and_date() -> None:
    assert pages()
    assert sorted(indexed()) == sorted(pages())


def test_every_status_is_one_that_is_known() -> None:
    known = re.compile(r"accepted|replaced by .+")
    assert [page for page in pages() if not known.fullmatch(page.status)] == []


def test_every_date_is_one() -> None:
    for page in pages():
        assert date.fromisoformat(page.date).isoformat() == page.date, page.file


def test_every_decision_says_its_context_choice_and_consequence() -> None:
    for page in pages():
        text = (FOLDER / page.file).read_text()
        for part in ("**Context.**", "**Choice.**", "**Consequence.**"):
            assert part in text, f"{page.file} has no {part}"
