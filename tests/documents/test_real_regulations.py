"""Counts on real regulations of other issuers, against the hand-checked manifest beside them."""

import csv
import functools
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from documents.layouts import SAMPLES, parsed
from documents.space_excerpts import count_spaces

from regtune.contracts import Provision
from regtune.documents.characters import is_printed
from regtune.documents.parse import Parsed

_MANIFEST = SAMPLES.parents[2] / "shared" / "regulations" / "manifest.csv"
_TITLES = Path(__file__).parent / "golden" / "article_titles.json"
"""Number and title of each article, blanks left out; read with pdfplumber and, of the scan, by eye."""
_WITHOUT_UI = {
    "kca-service": {"12의2", "12의3", "12의4", "12의5", "27의2", "27의3"},
    "dongduk-academic-rules": {"45의2"},
    "hansei-undergrad": {"46의2"},
}
"""Articles printed as `제12조4(…) … [본조신설 …]`, which the manifest does not count."""
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
    expected = {name: int(row[column]) for name, column in _COLUMNS.items() if row[column].isdigit()}
    expected["articles"] += len(_WITHOUT_UI.get(row["file"].split("/")[1], ()))
    assert {name: counts.get(name, 0) for name in expected} == expected


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
def test_every_printed_character_is_accounted_for(row: dict[str, str]) -> None:
    """The total of the report is what PyMuPDF itself finds printed on the pages."""
    import pymupdf

    flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_INHIBIT_SPACES | pymupdf.TEXT_MEDIABOX_CLIP
    with pymupdf.open(_MANIFEST.parents[1] / row["file"]) as document:
        printed = sum(sum(map(is_printed, page.get_text("text", flags=flags))) for page in document)
    assert _parsed(row["file"]).report.characters.total == printed


@pytest.mark.parametrize("row", _ROWS)
def test_articles_by_number(row: dict[str, str]) -> None:
    """Every number up to the last article and every branch that a person listed is there, once or in two versions."""
    found = {p.number for p in _parsed(row["file"]).provisions if p.part == "body" and p.kind == "article"}
    numbers = {str(number) for number in range(1, int(row["gt_last_article"]) + 1)}
    assert numbers <= found
    branches = re.findall(r"(\d+)의(\d+)(?:-\1의(\d+))?", row["gt_branch"])
    listed = {f"{main}의{n}" for main, first, last in branches for n in range(int(first), int(last or first) + 1)}
    assert listed <= found
    if listed:
        assert found == numbers | listed | _WITHOUT_UI.get(row["file"].split("/")[1], set())


@pytest.mark.parametrize("row", _ROWS)
def test_titles(row: dict[str, str]) -> None:
    """Number and title of each article, in order, are those of a list that another reader of PDFs made."""
    file = row["file"].split("/", 1)[1]
    found = [
        "".join(f"{p.number}={p.title}".split()) if p.title else p.number
        for p in _parsed(row["file"]).provisions
        if p.part == "body" and p.kind == "article"
    ]
    assert found == json.loads(_TITLES.read_text(encoding="utf-8"))[file].split()


def test_both_versions_of_an_article_are_told_apart(shared: Path) -> None:
    """An article printed as it is and as it will be has its 시행일 in the path of the later one."""
    path = next((shared / "regulations" / "labor-standards-act-pdf").glob("*.pdf"))
    versions = [p.path[-1] for p in parsed(path).provisions if p.part == "body" and p.number == "43의2"]
    heading = "제43조의2(체불사업주 명단 공개)"
    assert versions == [heading, f"{heading} [시행일: 2025. 10. 23.]"]


def test_spaces_of_sentences_read_by_eye(shared: Path) -> None:
    """At least 99% of the words of the excerpts, typed from the page images, have their spaces as the page shows."""

    def provisions_of(folder: str) -> list[Provision]:
        (path,) = (shared / "regulations" / folder).glob("*.pdf")
        return _parsed(str(path.relative_to(shared))).provisions

    files, words, wrong = count_spaces(provisions_of)
    assert files > 8
    assert words > 350
    assert wrong <= 0.01 * words


@pytest.mark.parametrize("row", _ROWS)
def test_spaces(row: dict[str, str]) -> None:
    """Words are parted: hardly a line of an article has over 20 Hangul in a row, as lines without their spaces do."""
    articles = [p.text for p in _parsed(row["file"]).provisions if p.kind == "article"]
    lines = [line for text in articles for line in text.split("\n") if len(line) > 40]
    glued = [line for line in lines if re.search(r"[가-힣]{21,}", line)]
    assert len(glued) <= 0.01 * len(lines)
