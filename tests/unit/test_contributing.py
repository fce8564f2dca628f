"""CONTRIBUTING.md: the questions of a newcomer, and the places where it says that the answers are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests import markdown
from tests.root import ROOT

QUESTIONS = (
    "an Aurora parameter",
    "an alarm of a table",
    "the alarm of a dead-letter queue",
    "add a queue",
    "the firewall's rate",
    "a rule on topics",
    "who may connect to a store",
    "how a drill judges",
    "a cell's subnets",
    "an output that other stacks read",
    "the interval of health checks",
    "what pods may do",
    "who may use a key",
    "the schema of orders",
    "how long logs are kept",
    "when a resource is replaced by the embedded engine",
    "the leeway of tokens' expiry",
    "a check across two settings",
    "the alarm on the matcher's errors",
    "how many matchers run at once",
    "when a service gets another replica",
    "which buckets are replicated",
    "how long backups are kept",
    "add a fifth service",
    "which deletions the pretend cloud refuses",
)


class Answer(NamedTuple):
    question: str
    files: tuple[str, ...]
    names: tuple[str, ...]


def answers() -> list[Answer]:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    found = markdown.rows(text, "## Where to change what")
    return [
        Answer(question, tuple(markdown.code(files)), tuple(markdown.code(names)))
        for question, files, names in found
    ]


def uses(file: str, name: str) -> bool:
    """Returns whether a file has the name as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", (ROOT / file).read_text()) is not None


def wrong(answer: Answer) -> Iterator[str]:
    if not answer.files or not answer.names:
        yield f"{answer.question}: a file and a name are missing"
    missing = [file for file in answer.files if not (ROOT / file).is_file()]
    yield from (f"{answer.question}: {file} isn't there" for file in missing)
    there = [file for file in answer.files if file not in missing]
    for name in answer.names:
        if not any(uses(file, name) for file in there):
            yield f"{answer.question}: {name} stands in none of {', '.join(answer.files)}"
    for file in there:
        if not any(uses(file, name) for name in answer.names):
            yield f"{answer.question}: {file} has none of {', '.join(answer.names)}"


def test_each_of_the_25_questions_is_answered_once() -> None:
    assert len(QUESTIONS) == 25
    assert [answer.question for answer in answers()] == list(QUESTIONS)


def test_every_file_is_there_and_every_name_stands_in_one_of_its_files() -> None:
    assert [line for answer in answers() for line in wrong(answer)] == []


def test_an_answer_that_leads_nowhere_is_found() -> None:
    assert [*wrong(Answer("a", ("settings/nowhere.py",), ("load",)))] == [
        "a: settings/nowhere.py isn't there",
        "a: load stands in none of settings/nowhere.py",
    ]
    assert [*wrong(Answer("b", ("contracts.py",), ("CellContrac",)))] == [
        "b: CellContrac stands in none of contracts.py",
        "b: contracts.py has none of CellContrac",
    ]
    assert [*wrong(Answer("c", ("contracts.py",), ("CellContract",)))] == []
