"""The six sample PDFs against the text they were made from: every article, every number, every space."""

import functools
import re
from types import ModuleType
from typing import Any

import pytest
from documents.layouts import SAMPLES, parsed

from regtune.documents.parse import Parsed
from regtune.documents.revision_tags import take_tags

_FILES = tuple(sorted(path.name for path in SAMPLES.glob("*.pdf")))
_ARTICLE = re.compile(r"제\d+조")
_WRONG_SPACES = 1
"""Wraps of a file that its own text cannot decide: `교통⏎사고`, `미사용⏎일수`."""


@functools.cache
def _parsed(name: str) -> Parsed:
    return parsed(SAMPLES / name)


def _revision(sources: ModuleType, name: str) -> Any:
    return next(r for revisions in sources.read_regulations() for r in revisions if r.pdf_name == name)


def _articles(revision: Any) -> list[str]:
    """Texts of the articles of a source, those of the 부칙 last, revision tags taken out."""
    texts: list[str] = []
    for section in revision.sections:
        if _ARTICLE.match(section.key):
            texts.append("\n".join(section.lines))
        elif re.match(r"부 ?칙", section.key):
            for line in section.lines[1:]:
                if _ARTICLE.match(line):
                    texts.append(line)
                else:
                    texts[-1] += "\n" + line
    return [take_tags(text)[0] for text in texts]


def _spaces(text: str) -> set[int]:
    """How many characters stand before each blank."""
    places: set[int] = set()
    printed = 0
    for character in text:
        if character.isspace():
            places.add(printed)
        else:
            printed += 1
    return places


def test_there_are_samples() -> None:
    """Three regulations in six revisions are committed."""
    assert len(_FILES) == 6


@pytest.mark.parametrize("name", _FILES)
def test_articles_are_those_of_the_source(name: str, sample_sources: ModuleType) -> None:
    """Every article of body and 부칙 is found, once, with the source's text; spaces differ at one wrap at most."""
    expected = _articles(_revision(sample_sources, name))
    found = [p.text for p in _parsed(name).provisions if p.kind == "article"]
    assert ["".join(text.split()) for text in found] == ["".join(text.split()) for text in expected]
    wrong = _spaces("".join(expected)) ^ _spaces("".join(found))
    assert len(wrong) <= _WRONG_SPACES


@pytest.mark.parametrize("name", _FILES)
def test_counts_are_those_of_the_source(name: str, sample_sources: ModuleType) -> None:
    """장, 절, 부칙, 별표 and 별지 are as many as the source has."""
    lines = [section.lines[0] for section in _revision(sample_sources, name).sections]
    counts = _parsed(name).report.counts
    for label, pattern in (
        ("chapters", r"## 제\d+장"),
        ("sections", r"### 제\d+절"),
        ("addenda", r"## 부 ?칙"),
        ("annexes", r"## \[별표"),
        ("forms", r"## \[별지"),
    ):
        assert counts.get(label, 0) == sum(bool(re.match(pattern, line)) for line in lines), label


@pytest.mark.parametrize("name", _FILES)
def test_every_character_is_accounted_for(name: str) -> None:
    """Kept, moved and removed characters add up to what is printed, and nothing is warned about."""
    report = _parsed(name).report
    characters = report.characters
    assert characters.total == characters.kept + sum(characters.moved.values()) + sum(characters.removed.values())
    assert set(characters.removed) == {"page_mark", "running_head"}
    assert report.warnings == ()


@pytest.mark.parametrize("name", _FILES)
def test_title_is_read_from_the_page(name: str, sample_sources: ModuleType) -> None:
    """A file without a register entry gets its title from its first page."""
    assert _parsed(name).report.regulation_title == _revision(sample_sources, name).title


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        pytest.param(
            "work-rules-2024-01-01.pdf",
            ("[별표 1] 경조휴가 일수",),
            """\
[별표 1]
경조휴가 일수
(제28조 관련)
| 구분 | 대상 | 휴가일수 |
| --- | --- | --- |
| 결혼 | 본인 | 7일 |
| 결혼 | 자녀 | 2일 |
| 결혼 | 본인 또는 배우자의 형제자매 | 1일 |
| 회갑·칠순 | 본인, 배우자, 본인 또는 배우자의 부모 | 1일 |
| 사망 | 배우자, 본인 또는 배우자의 부모 | 5일 |
| 사망 | 자녀 및 자녀의 배우자 | 5일 |
| 사망 | 본인 또는 배우자의 조부모·외조부모 | 3일 |
| 사망 | 본인 또는 배우자의 형제자매 | 3일 |
| 사망 | 본인 또는 배우자의 백숙부모 | 1일 |
| 탈상 | 본인 또는 배우자의 부모 | 1일 |
| 입양 | 본인 | 20일 |
비고: 사망에 따른 휴가는 제28조제5항에 따라 1일을 가산할 수 있다.""",
            id="rows merged",
        ),
        pytest.param(
            "travel-2025-07-01.pdf",
            ("[별표 1] 국내 여비 지급 기준",),
            """\
[별표 1]
국내 여비 지급 기준
(제9조제1항 및 제13조제1항 관련)
(단위: 원)
| 구분 | 일비(1일당) | 식비(1일당) | 숙박비 상한액(1박당) 서울특별시 | 숙박비 상한액(1박당) 광역시·제주 \
| 숙박비 상한액(1박당) 그 밖의 지역 |
| --- | --- | --- | --- | --- | --- |
| 임원 | 45,000 | 45,000 | 200,000 | 170,000 | 140,000 |
| 수석·책임 | 35,000 | 35,000 | 140,000 | 120,000 | 95,000 |
| 선임·사원 | 30,000 | 30,000 | 120,000 | 95,000 | 80,000 |
| 교통비 | 제11조 및 제12조에 따른 실비 | 제11조 및 제12조에 따른 실비 | 제11조 및 제12조에 따른 실비 \
| 제11조 및 제12조에 따른 실비 | 제11조 및 제12조에 따른 실비 |
비고
1. 업무용 차량을 이용하는 출장의 일비는 2분의 1로 한다.
2. 세종특별자치시의 숙박비는 광역시의 상한액을 적용한다.""",
            id="heads of two rows, columns merged",
        ),
        pytest.param(
            "service-2025-01-01.pdf", ("제3장 재택근무 및 당직", "제15조"), "제15조 삭제", id="deleted article"
        ),
        pytest.param(
            "work-rules-2024-07-01.pdf",
            ("부칙 <2024. 7. 1.>", "제2조(적용례)"),
            "제2조(적용례) 제26조제1항의 개정규정은 2024년에 발생한 연차유급휴가부터 적용한다.",
            id="article of a 부칙",
        ),
    ],
)
def test_provision(name: str, path: tuple[str, ...], text: str) -> None:
    """A provision's text is exactly this."""
    assert [p.text for p in _parsed(name).provisions if p.path == path] == [text]


def test_revision_of_a_number_is_the_only_difference() -> None:
    """Between two revisions only the revised article and the new 부칙 differ."""
    before = {p.path: p.text for p in _parsed("work-rules-2024-01-01.pdf").provisions if p.part != "preamble"}
    after = {p.path: p.text for p in _parsed("work-rules-2024-07-01.pdf").provisions if p.part != "preamble"}
    changed = {path[-1] for path in before.keys() & after.keys() if before[path] != after[path]}
    assert changed == {"제26조(연차유급휴가의 이월)"}
    assert before.keys() <= after.keys()
    assert {path[0] for path in after.keys() - before.keys()} == {"부칙 <2024. 7. 1.>"}
    (article,) = (p for p in _parsed("work-rules-2024-07-01.pdf").provisions if p.number == "26" and p.part == "body")
    assert article.revision_tags == ("<개정 2024. 7. 1.>",)
