"""Counts on real regulations of other issuers, against the hand-checked manifest beside them."""

import csv
import functools
import re
from collections import Counter
from pathlib import Path

import pytest
from documents.layouts import SAMPLES, parsed

from regtune.documents.parse import Parsed

_MANIFEST = SAMPLES.parents[2] / "shared" / "regulations" / "manifest.csv"
_COLUMNS = {
    "articles": "gt_articles_main",
    "chapters": "gt_chapters_장",
    "sections": "gt_sections_절관",
    "addenda": "gt_부칙",
    "annexes": "gt_별표",
    "forms": "gt_별지_forms",
}
_FILES = {
    "kcopa-work-rules",
    "kcopa-personnel",
    "kcopa-service",
    "kcopa-pay",
    "kcopa-travel",
    "kcopa-delegation",
    "kcopa-childcare-time",
    "kcopa-charter",
    "kca-service",
    "kwu-charter",
    "kwu-staff",
    "kwu-evaluation",
    "dongduk-academic-rules",
    "hansei-undergrad",
    "labor-standards-act-pdf",
    "kaist-openspace-pair",
}


def _rows() -> list[dict[str, str]]:
    if not _MANIFEST.is_file():
        return []
    with _MANIFEST.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["file"].split("/")[1] in _FILES]


_PAGE_MARK = re.compile(r"[-–•]\s*\d+\s*[-–•]?|\d+\s*•")
_ROWS = [pytest.param(row, id=row["file"].split("/", 1)[1]) for row in _rows()]


@functools.cache
def _parsed(file: str) -> Parsed:
    return parsed(_MANIFEST.parents[1] / file)


def test_all_files_of_the_table_are_there(shared: Path) -> None:
    """The manifest names every folder that the tests below count in."""
    assert {row["file"].split("/")[1] for row in _rows()} == _FILES
    assert (shared / "regulations").is_dir()


@pytest.mark.parametrize("row", _ROWS)
def test_counts(row: dict[str, str]) -> None:
    """Articles, 장, 절, 부칙, 별표 and 별지 are as many as a person counted."""
    found = _parsed(row["file"])
    numbers = Counter(p.number for p in found.provisions if p.part == "body" and p.kind == "article")
    counts = {**found.report.counts, "articles": len(numbers)}
    expected = {name: row[column] for name, column in _COLUMNS.items() if row[column].isdigit()}
    assert {name: counts.get(name, 0) for name in expected} == {name: int(count) for name, count in expected.items()}


@pytest.mark.parametrize("row", _ROWS)
def test_characters_and_furniture(row: dict[str, str]) -> None:
    """Every character of the page is accounted for; no page mark is a line of a provision."""
    found = _parsed(row["file"])
    characters = found.report.characters
    assert characters.total == characters.kept + sum(characters.moved.values()) + sum(characters.removed.values())
    if "running head" in row["notes"]:
        assert characters.removed["running_head"] > 0
    lines = {line for p in found.provisions for line in p.text.split("\n")}
    assert not {line for line in lines if _PAGE_MARK.fullmatch(line)}


@pytest.mark.parametrize("row", _ROWS)
def test_spaces(row: dict[str, str]) -> None:
    """Words are parted: hardly a line of an article has over 20 Hangul in a row, as lines without their spaces do."""
    articles = [p.text for p in _parsed(row["file"]).provisions if p.kind == "article"]
    lines = [line for text in articles for line in text.split("\n") if len(line) > 40]
    glued = [line for line in lines if re.search(r"[가-힣]{21,}", line)]
    assert len(glued) <= 0.01 * len(lines)
