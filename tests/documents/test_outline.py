"""Guidelines (지침·요령) that count their headings instead of having 조."""

from collections.abc import Callable
from pathlib import Path

import pytest
from documents.layouts import FULL, parsed, provisions_of

from regtune.documents.naming import cited_as, provision_ids

_DECIMAL = [
    "시설관리지침",
    "1. 총칙",
    "1.1 목적",
    "이 지침은 시설의 관리를 정한다.",
    "1.2 적용범위",
    "모든 시설에 적용하며, 외부 시설에는",
    "1.3에서 정하는 바에 따른다.",
    "1.3 정의",
    "1.3.1 “시설”이란 건물을 말한다.",
    "1.3.2 “관리자”란 소장을 말한다.",
    "2. 조직",
    "2.1 관리자의 업무",
    "관리자는 다음 각 호의 업무를 한다.",
    "1. 점검",
    "2. 보고",
    "2.2 위원회",
    "분기마다 연다.",
    "3. 시행일",
    "2024년 1월 1일부터 시행한다.",
]
_ROMAN = [
    "출장정산요령",
    "Ⅰ. 목적",
    "정산을 정한다.",
    "Ⅱ. 원칙",
    "1. 카드로 쓴다.",
    "2. 5일 안에 낸다.",
    "Ⅲ. 절차",
    "1. 신청",
    "가. 7일 안에 낸다.",
    "2. 심사",
    "가. 3일 안에 한다.",
]
_BRACKETED = [
    "동호회지침",
    "1. (목적) 지원을 정한다.",
    "2. (구성) 10명으로 한다.",
    "3. (지원) 다음과 같이 준다.",
    "가. 10명: 30만원",
    "4. (시행일) 2024년 1월 1일부터 시행한다.",
]


@pytest.mark.parametrize(
    ("texts", "paths"),
    [
        pytest.param(
            _DECIMAL,
            [
                "1. 총칙 > 1.1 목적",
                "1. 총칙 > 1.2 적용범위",
                "1. 총칙 > 1.3 정의",
                "2. 조직 > 2.1 관리자의 업무",
                "2. 조직 > 2.2 위원회",
                "3. 시행일",
            ],
            id="decimal",
        ),
        pytest.param(_ROMAN, ["Ⅰ. 목적", "Ⅱ. 원칙", "Ⅲ. 절차 > 1. 신청", "Ⅲ. 절차 > 2. 심사"], id="roman"),
        pytest.param(_BRACKETED, ["1. 목적", "2. 구성", "3. 지원", "4. 시행일"], id="titles in brackets"),
    ],
)
def test_numbered_headings_open_provisions(texts: list[str], paths: list[str]) -> None:
    """Each heading with text below it is a provision with its headings as path; items of a list are none."""
    found = provisions_of(*texts)
    body = [p for p in found.provisions if p.part == "body"]
    assert [" > ".join(p.path) for p in body] == paths
    assert [p.text for p in found.provisions if p.part == "preamble"] == texts[:1]
    kept = sum(len("".join(p.text.split())) for p in found.provisions)
    assert kept + found.moved["heading"] == len("".join("".join(texts).split()))


def test_text_of_a_numbered_heading() -> None:
    """Heading and paragraphs stand on lines of their own; a cited number on a wrapped line opens nothing."""
    texts = {p.number: p.text for p in provisions_of(*_DECIMAL[:5], _DECIMAL[5] + FULL, *_DECIMAL[6:]).provisions}
    assert texts["1.2"].startswith("1.2 적용범위\n모든 시설에 적용하며, 외부 시설에는 1.3에서")
    assert texts["1.3"] == "1.3 정의\n1.3.1 “시설”이란 건물을 말한다.\n1.3.2 “관리자”란 소장을 말한다."
    assert texts["2.1"] == "2.1 관리자의 업무\n관리자는 다음 각 호의 업무를 한다.\n1. 점검\n2. 보고"


def test_names_of_numbered_provisions() -> None:
    """A reader cites them by number and title; ids hold the number, with the Roman one above it."""
    body = [p for p in provisions_of(*_ROMAN).provisions if p.part == "body"]
    assert [cited_as(p) for p in body] == ["Ⅰ. 목적", "Ⅱ. 원칙", "1. 신청", "2. 심사"]
    assert provision_ids(body) == ("rule/body/Ⅰ", "rule/body/Ⅱ", "rule/body/Ⅲ-1", "rule/body/Ⅲ-2")


def test_a_list_alone_is_no_outline() -> None:
    """A notice whose only numbers are two items stays one provision, and this is warned about."""
    found = provisions_of("안내", "회사는 다음과 같이 쉰다.", "1. 설날", "2. 추석")
    assert [(p.part, p.number) for p in found.provisions] == [("body", None)]
    assert found.warnings[0].code == "no_article"


def test_a_guideline_is_read_from_a_pdf(write_pdf: Callable[..., Path]) -> None:
    """Every character of a guideline is accounted for, and nothing is warned about."""
    page = [(70.0, 130.0 + 18 * i, text) for i, text in enumerate(_DECIMAL)]
    report = parsed(write_pdf("a.pdf", [page])).report
    assert report.counts == {"numbered_headings": 8}
    assert report.characters.total == report.characters.kept + sum(report.characters.moved.values())
    assert report.warnings == ()
