"""Several regulations in one PDF, rules nested in annexes, annexes in the middle of a rule."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from documents.layouts import parsed
from documents.test_layouts import pages_of

Write = Callable[..., Path]


def _found(write: Write, *pages: Sequence[str]) -> list[tuple[str, str, str | None]]:
    provisions = parsed(write("a.pdf", pages_of(*pages))).provisions
    return [(p.regulation_id, p.part, p.number) for p in provisions if p.part != "preamble"]


_STAFF = (
    "^인사규정",
    "제1장 총칙",
    "제1조(목적) 인사를 정한다.",
    "제2조(적용) 모두에게 적용한다.",
    "부칙",
    "제1조(시행일) 공포한 날부터 시행한다.",
)
_TRAVEL = (
    "^여비규정",
    "제정 2020. 1. 1.",
    "제1조(목적) 여비를 정한다.",
    "제2조(적용) 모두에게 적용한다.",
    "[별표 1] 여비표",
    "일비 3만원",
)


def test_regulations_of_one_file_get_ids_of_their_own(write_pdf: Write) -> None:
    """Each rule keeps its own articles, 부칙 and annexes, under an id made of the source's and its title."""
    assert _found(write_pdf, _STAFF, _TRAVEL, ("^복무규정", "제1조(목적) 복무를 정한다.")) == [
        ("a", "body", "1"),
        ("a", "body", "2"),
        ("a", "addendum", "1"),
        ("a-여비규정", "body", "1"),
        ("a-여비규정", "body", "2"),
        ("a-여비규정", "annex", "1"),
        ("a-복무규정", "body", "1"),
    ]


def test_the_report_names_every_regulation(write_pdf: Write) -> None:
    """Ids and titles stand in the report, and characters of all of them add up."""
    report = parsed(write_pdf("a.pdf", pages_of(_STAFF, _TRAVEL))).report
    assert report.regulations == {"a": "인사규정", "a-여비규정": "여비규정"}
    characters = report.characters
    assert characters.total == characters.kept + sum(characters.moved.values()) + sum(characters.removed.values())


def test_a_rule_in_an_annex_stays_there(write_pdf: Write) -> None:
    """A whole rule that an annex consists of, with 부칙 and annexes of its own, opens nothing."""
    rule = ("^정관", "제1조(목적) 정한다.", "제2조(적용) 적용한다.", "[별표 3]")
    nested = ("^위원회 운영규정", "제1조(목적) 정한다.", "제2조(구성) 구성한다.", "[별표 1] 수당", "10만원", "부칙")
    assert _found(
        write_pdf, [*rule, *nested, "이 규정은 2024년 1월 1일부터 시행한다."], ["[별표 4] 수당표", "5만원"]
    ) == [
        ("a", "body", "1"),
        ("a", "body", "2"),
        ("a", "annex", "3"),
        ("a", "annex", "4"),
    ]


def test_the_body_goes_on_after_an_annex_in_its_middle(write_pdf: Write) -> None:
    """Articles that follow an annex by number are the body's and not the annex's."""
    rule = ("^규정", "제1장 총칙", "제1조(목적) 정한다.", "제2조(적용) 적용한다.", "[별표 1] 여비표", "일비 3만원")
    provisions = parsed(write_pdf("a.pdf", pages_of([*rule, "제3조(휴가) 준다.", "부칙", "제1조(시행일) 시행한다."])))
    found = [(p.part, p.number, p.path[0]) for p in provisions.provisions if p.part in ("body", "annex")]
    assert found == [
        ("body", "1", "제1장 총칙"),
        ("body", "2", "제1장 총칙"),
        ("body", "3", "제1장 총칙"),
        ("annex", "1", "[별표 1] 여비표"),
    ]


@pytest.mark.parametrize(
    "line", ["부칙(2024. 1. 1.) 제1조(시행일) 시행한다.", "부 칙 이 규정은 2024년 1월 1일부터 시행한다."]
)
def test_a_heading_that_shares_its_line(write_pdf: Write, line: str) -> None:
    """A 부칙 whose text stands on the line of its heading is a 부칙."""
    found = _found(write_pdf, ["^규정", "제1조(목적) 정한다.", "제2조(적용) 적용한다.", line])
    assert [part for _, part, _ in found] == ["body", "body", "addendum"]
