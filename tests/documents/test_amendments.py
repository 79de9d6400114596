"""Amending texts and comparisons of old and new text in one PDF with the rule."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from documents.conftest import Ruling, Text
from documents.layouts import parsed

Write = Callable[..., Path]

_RULE = ["^보안규정", "제1조(목적) 보안을 정한다.", "제2조(점검) 해마다 두 번 점검한다.", "제3조(세칙) 따로 정한다."]
_ADDENDUM = ["^부칙", "제1조(시행일) 2024년 7월 1일부터 시행한다."]
_REASONS = [
    "^보안규정 일부개정규정(안)",
    "1. 개정이유",
    "점검 횟수를 늘리려는 것임.",
    "2. 주요내용",
    "점검을 두 번 함.",
]
_AMENDING = ["보안규정 일부를 다음과 같이 개정한다.", "제2조를 다음과 같이 한다.", "제2조(점검) 두 번 점검한다.",
             "^부칙", "제1조(시행일) 바로 시행한다."]  # fmt: skip
_COMPARED = [(70.0, 160.0, "현 행"), (310.0, 160.0, "개 정 안"),
             (70.0, 190.0, "제2조(점검) 한 번 점검한다."), (310.0, 190.0, "제2조(점검) 두 번 점검한다."),
             (70.0, 220.0, "제2조의2(신설) <신 설>"), (310.0, 220.0, "제3조(세칙) (현행과 같음)")]  # fmt: skip
_BOX: list[Ruling] = [
    *((60.0, y, 540.0, y) for y in (145.0, 170.0, 200.0, 230.0)),
    *((x, 145.0, x, 230.0) for x in (60.0, 300.0, 540.0)),
]


def _page(texts: Sequence[str]) -> list[Text]:
    return [
        (240.0 if text.startswith("^") else 70.0, 130.0 + 18 * i, text.removeprefix("^"))
        for i, text in enumerate(texts)
    ]


def _numbers(path: Path) -> list[tuple[str, str | None]]:
    return [(p.part, p.number) for p in parsed(path).provisions if p.part != "preamble"]


_RIGHT = [("body", "1"), ("body", "2"), ("body", "3"), ("addendum", "1")]


@pytest.mark.parametrize(
    ("title", "box"),
    [
        pytest.param("신·구조문대비표", _BOX, id="ruled"),
        pytest.param("[별첨] 신ㆍ구 조문 대비표(안)", _BOX, id="attached"),
        pytest.param("신구조문 대비표", [], id="unruled"),
        pytest.param(None, _BOX, id="without a title"),
    ],
)
def test_a_comparison_of_old_and_new_text_gives_no_articles(
    write_pdf: Write, title: str | None, box: list[Ruling]
) -> None:
    """A 신구조문대비표 behind the rule, with its title or ruled without one, adds no article, and is warned about."""
    heading = [] if title is None else [(240.0, 130.0, title)]
    path = write_pdf("a.pdf", [_page([*_RULE, *_ADDENDUM]), [*heading, *_COMPARED]], box)
    found = parsed(path)
    assert _numbers(path) == _RIGHT
    assert found.report.characters.removed["comparison"] >= 60
    assert found.report.warnings[-1].code == "comparison_left_out"


def test_an_amending_text_before_the_rule_is_set_aside(write_pdf: Write) -> None:
    """Reasons, amending text with a 부칙 of its own and comparison stand before the rule, which keeps its name."""
    pages = [
        _page(_REASONS),
        _page(_AMENDING),
        [(240.0, 130.0, "신·구조문대비표"), *_COMPARED],
        _page([*_RULE, *_ADDENDUM]),
    ]
    path = write_pdf("a.pdf", pages)
    found = parsed(path)
    assert _numbers(path) == _RIGHT
    assert found.report.regulations == {"a": "보안규정"}
    characters = found.report.characters
    assert characters.total == characters.kept + sum(characters.moved.values()) + sum(characters.removed.values())


def test_reasons_after_the_rule_are_set_aside(write_pdf: Write) -> None:
    """`◇ 개정이유` behind the 부칙 does not run on in its last article."""
    path = write_pdf("a.pdf", [_page([*_RULE, *_ADDENDUM, "【개정이유】", "점검 횟수를 늘리려는 것임."])])
    assert _numbers(path) == _RIGHT
    assert parsed(path).provisions[-1].text == "제1조(시행일) 2024년 7월 1일부터 시행한다."


def test_a_file_of_an_amending_text_alone_keeps_it(write_pdf: Write) -> None:
    """Where no rule is printed, nothing is left out."""
    found = parsed(write_pdf("a.pdf", [_page(_REASONS), _page(_AMENDING)]))
    assert not found.report.characters.removed
    assert "점검을 두 번 함." in found.provisions[0].text


def test_a_rule_that_asks_for_reasons_and_a_comparison_keeps_its_list(write_pdf: Write) -> None:
    """`1. 개정이유` among the 호 of an article is one of them."""
    texts = [*_RULE[:3], "제3조(개정) 다음 각 호를 붙인다.", "1. 개정이유", "2. 주요내용", *_ADDENDUM]
    assert "1. 개정이유\n2. 주요내용" in parsed(write_pdf("a.pdf", [_page(texts)])).provisions[3].text


def test_an_english_translation_adds_nothing_to_the_last_provision(write_pdf: Write) -> None:
    """A rule in English behind the Korean one is left out with a warning; one English line in the rule stays."""
    english = [
        "Security Rules",
        "Chapter 1 General",
        "Article 1 (Purpose) Security.",
        "Article 2 (Checks) Twice a year.",
    ]
    found = parsed(write_pdf("a.pdf", [_page([*_RULE, "Article 9", *_ADDENDUM]), _page(english)]))
    assert [(p.part, p.number) for p in found.provisions if p.part != "preamble"] == _RIGHT
    assert found.provisions[-1].text == "제1조(시행일) 2024년 7월 1일부터 시행한다."
    assert "Article 9" in found.provisions[-2].text
    (warning,) = found.report.warnings
    assert (warning.code, warning.page) == ("translation_left_out", 2)
