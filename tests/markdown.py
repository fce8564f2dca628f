"""Markdown files of the project: their headings, links, tables and what stands in backticks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.root import ROOT

_FENCED: Final = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r"\[(?:[^][]|\[[^]]*\])*\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def sources() -> list[Path]:
    """Every file but those of hidden folders, of which only `.github` is the project's."""
    found: list[Path] = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [each for each in below if not each.startswith(".") or each == ".github"]
        found += [Path(folder) / name for name in names]
    return sorted(found)


def files() -> list[Path]:
    """Every Markdown file of the sources."""
    return [path for path in sources() if path.suffix == ".md"]


def prose(text: str) -> str:
    """The text without blocks of code."""
    return _FENCED.sub("", text)


def blocks(text: str) -> list[str]:
    """The blocks of code, with their fences."""
    return _FENCED.findall(text)


def code(text: str) -> list[str]:
    """Texts in backticks within the prose."""
    return _CODE.findall(prose(text))


def links(text: str) -> list[str]:
    """The targets of links and pictures."""
    return _LINK.findall(_CODE.sub("``", prose(text)))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of headings: a second one of the same text ends in -1."""
    found: set[str] = set()
    for heading in _HEADING.findall(prose(text)):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = 0
        while (anchor := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(anchor)
    return found


def rows(text: str, heading: str) -> Iterator[list[str]]:
    """The rows of the first table below a heading, without the table's own two lines."""
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"no heading {heading}"
    section, *_ = re.split(r"^#{1,6} ", rest, maxsplit=1, flags=re.MULTILINE)
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert len(lines) > 2, f"no table below {heading}"
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip().strip("|").split(" | ")]
