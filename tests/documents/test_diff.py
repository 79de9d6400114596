"""What changed between two revisions: only what is real, each change once and under its right kind."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest
from documents.layouts import SAMPLES, parsed
from documents.provision_samples import addendum, attachment, provision
from hypothesis import given
from hypothesis import strategies as st

from regtune.contracts import ArticleChange, Provision
from regtune.documents.diff import compare, report

_TEXTS = (
    "제1조(목적) 이 규칙은 직원의 근로조건과 복무에 필요한 사항을 정함을 목적으로 한다.",
    "제2조(휴가) ① 직원은 1년에 15일의 연차휴가를 쓸 수 있다.\n② 휴가는 3일 전까지 신청하여야 한다.",
    "제3조(여비) 출장하는 직원에게는 별표 1에 따라 교통비와 숙박비를 지급한다.",
    "제4조(징계) 징계는 견책, 감봉, 정직 및 해고로 하고 제2조의 휴가에는 영향이 없다.",
    "제5조(퇴직) 퇴직하려는 직원은 30일 전까지 사직서를 부서장에게 제출하여야 한다.",
    "제6조(보칙) 이 규칙의 시행에 필요한 사항은 대표이사가 따로 정한다.",
)
_RULES = tuple(provision(text, "제1장 총칙") for text in _TEXTS)


def _kinds(changes: Sequence[ArticleChange]) -> list[tuple[str, str | None, str | None]]:
    return [(change.kind, change.old_article, change.new_article) for change in changes]


def _renumbered(text: str, number: int) -> str:
    return f"제{number}조{text[3:]}"


def test_nothing_changed() -> None:
    """A revision compared with itself, or without any provision, has no change."""
    assert compare(_RULES, _RULES) == ()
    assert compare((), ()) == ()


_NOISE = (
    ("휴가", "휴 가"),
    (" ", ""),
    (".", ". <개정 2024. 7. 1.>"),
    ("15", "１５"),
    ("직원", "“직원”"),
    ("규칙", "「규칙」"),
    ("(", "（"),
    ("①", "ⓛ"),
    ("②", "➁"),
    ("\n", "\n\n"),
)


@given(noise=st.lists(st.sampled_from(_NOISE), min_size=1, max_size=4, unique=True))
def test_what_is_printed_otherwise_is_not_changed(noise: list[tuple[str, str]]) -> None:
    """Spaces, quotation marks, full width, odd circled numbers and revision tags are no change, in any mixture."""
    printed = []
    for one in _RULES:
        text = one.text
        for old, new in noise:
            text = text.replace(old, new)
        printed.append(one.model_copy(update={"text": text}))
    assert compare(_RULES, printed) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("금액ㆍ기간", "금액·기간", id="middle dots"),
        pytest.param("3일~5일", "3일∼5일", id="tildes"),
        pytest.param("1-2", "1–2", id="dashes"),
        pytest.param("列", "\uf99c", id="compatibility hanja"),
        pytest.param("가나", "\u1100\u1161\u1102\u1161", id="decomposed"),
        pytest.param("| a |\n| --- |\n| b |", "| a |\n| b |", id="ruling of a table"),
    ],
)
def test_forms_of_a_character_are_not_changes(old: str, new: str) -> None:
    """Forms of one character are equal."""
    assert compare([provision(f"제1조(가) {old}")], [provision(f"제1조(가) {new}")]) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("15일", "16일", id="number"),
        pytest.param("할 수 있다", "하여야 한다", id="ending"),
        pytest.param("이상", "초과", id="bound"),
        pytest.param("| ○ | |", "| | ○ |", id="mark in another column"),
        pytest.param("1·2호", "12호", id="middle dot gone"),
        pytest.param("① 가", "1. 가", id="항 made a 호"),
    ],
)
def test_real_changes_are_found(old: str, new: str) -> None:
    """The least real change is found, with the text before and after."""
    changes = compare([provision(f"제1조(가) {old}")], [provision(f"제1조(가) {new}")])
    assert [(c.kind, c.old_text, c.new_text) for c in changes] == [("changed", f"제1조(가) {old}", f"제1조(가) {new}")]
    assert (changes[0].old_id, changes[0].new_id) == ("rules/body/1", "rules/body/1")


def test_a_new_article_that_shifts_others_is_one_addition() -> None:
    """After a new 제3조 the rest is renumbered, not changed; a citation that follows the numbers is no other change."""
    new = [
        *_TEXTS[:2],
        "제3조(안식) 10년 근속한 직원에게는 20일의 안식휴가를 준다.",
        *(_renumbered(text, i + 4) for i, text in enumerate(_TEXTS[2:])),
    ]
    changes = compare(_RULES, [provision(text, "제1장 총칙") for text in new])
    assert _kinds(changes) == [
        ("added", None, "제3조"),
        *[("renumbered", f"제{i}조", f"제{i + 1}조") for i in range(3, 7)],
    ]
    assert not any(change.words_changed for change in changes[1:])


def test_thirty_articles_shift() -> None:
    """A deletion at the top renumbers thirty articles and changes none, though each cites the one before it."""
    words = [f"{chr(ord('가') + 37 * i)}{chr(ord('나') + 53 * i)} 업무" for i in range(31)]
    old = [provision(f"제{i}조({w}) {w}는 {w} 담당이 제{i + 1}조에 따라 한다.") for i, w in enumerate(words, 1)]
    new = [provision(f"제{i}조({w}) {w}는 {w} 담당이 제{i + 1}조에 따라 한다.") for i, w in enumerate(words[1:], 1)]
    changes = compare(old, new)
    assert _kinds(changes[:1]) == [("removed", "제1조", None)]
    assert {change.kind for change in changes[1:]} == {"renumbered"}
    assert sum(change.words_changed for change in changes[1:]) <= 1  # 제31조 cites what never was


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        pytest.param(_RULES, _RULES[:2] + _RULES[3:], [("removed", "제3조", None)], id="gone"),
        pytest.param(
            _RULES,
            (*_RULES[:2], provision("제3조 삭제", "제1장 총칙", deleted=True), *_RULES[3:]),
            [("removed", "제3조", None)],
            id="deleted, its number kept",
        ),
        pytest.param(
            (*_RULES[:2], provision("제3조 삭제", "제1장 총칙", deleted=True), *_RULES[3:]),
            _RULES,
            [("added", None, "제3조")],
            id="a number used again",
        ),
        pytest.param(
            _RULES,
            (*_RULES[:3], provision("제3조의2(특례) 새로 정한다.", "제1장 총칙"), *_RULES[3:]),
            [("added", None, "제3조의2")],
            id="branch",
        ),
        pytest.param(
            _RULES[:3],
            (*_RULES[:2], provision("제3조(보안) 문서는 잠긴 서랍에 보관한다.", "제1장 총칙")),
            [("changed", "제3조", "제3조")],
            id="rewritten under its number",
        ),
        pytest.param(
            _RULES,
            (
                *_RULES[:2],
                provision(_renumbered(_TEXTS[4], 3), "제1장 총칙"),
                _RULES[3],
                provision(_renumbered(_TEXTS[2], 5), "제1장 총칙"),
                _RULES[5],
            ),
            [("renumbered", "제5조", "제3조"), ("renumbered", "제3조", "제5조")],
            id="two exchange their numbers",
        ),
    ],
)
def test_kinds(old: Sequence[Provision], new: Sequence[Provision], kinds: list[tuple[str, str, str]]) -> None:
    """Each change has its kind, in the order of the new revision."""
    assert _kinds(compare(old, new)) == kinds


def test_moved_and_headings() -> None:
    """An article that goes to another 장 is moved; a 장 that is renamed or numbered anew is one change of a heading."""
    old = [provision(t, "제1장 총칙" if i < 3 else "제2장 징계") for i, t in enumerate(_TEXTS)]
    moved = [provision(t, "제1장 총칙" if i < 4 else "제2장 징계") for i, t in enumerate(_TEXTS)]
    assert _kinds(compare(old, moved)) == [("moved", "제4조", "제4조")]
    renamed = [provision(t, "제1장 총칙" if i < 3 else "제2장 상벌") for i, t in enumerate(_TEXTS)]
    assert _kinds(compare(old, renamed)) == [("changed", "제2장 징계", "제2장 상벌")]
    shifted = [provision(t, "제1장 총칙" if i < 3 else "제3장 징계") for i, t in enumerate(_TEXTS)]
    assert _kinds(compare(old, shifted)) == [("renumbered", "제2장 징계", "제3장 징계")]
    assert compare(old, moved)[0].old_path == ("제2장 징계", "제4조(징계)")


def test_addenda_are_matched_by_their_date_and_text() -> None:
    """A new 부칙 is added and the old ones stay, though all have a 제1조 and stand in any order, dated or not."""
    first = addendum("제1조(시행일) 이 규칙은 2020년 1월 1일부터 시행한다.", "부칙 <2020. 1. 1.>")
    second = addendum("제1조(시행일) 이 규칙은 2021년 1월 1일부터 시행한다.", "부칙 <2021. 1. 1.>")
    undated = addendum("이 규칙은 공포한 날부터 시행한다.")
    new = addendum("제1조(시행일) 이 규칙은 2024년 7월 1일부터 시행한다.", "부칙 <2024. 7. 1.>")
    changes = compare([first, second, undated], [new, undated, undated, second, first])
    assert [(c.kind, c.new_id) for c in changes] == [
        ("added", "rules/addendum/2024-07-01/1"),
        ("added", "rules/addendum/2/-"),
    ]


def test_attachments() -> None:
    """별표 and forms are compared by part and number; one that gets another number is renumbered."""
    pay, days = "[별표 1]\n여비 지급 기준\n| 임원 | 40,000 |", "[별표 1]\n경조휴가 일수\n| 결혼 | 7일 |"
    old = [attachment(pay), attachment("[별지 제1호서식]\n휴가신청서", "1", "form")]
    new = [attachment(days), attachment(pay.replace("표 1", "표 2"), "2"), *old[1:]]
    assert _kinds(compare(old, new)) == [("added", None, "별표 1"), ("renumbered", "별표 1", "별표 2")]
    assert _kinds(compare(old, [attachment(pay.replace("40", "45")), *old[1:]])) == [("changed", "별표 1", "별표 1")]


def test_regulations_are_told_apart() -> None:
    """In a corpus articles are compared within their regulation; two files of one are compared whatever their names."""
    travel: dict[str, Any] = {"regulation_id": "travel", "regulation_title": "여비규정"}
    other = [one.model_copy(update=travel) for one in _RULES]
    assert compare([*_RULES, *other], [*other, *_RULES]) == ()
    assert {c.regulation_id for c in compare([*_RULES, *other], _RULES)} == {"travel"}
    assert compare(_RULES, [one.model_copy(update={"regulation_id": "rules-2025"}) for one in _RULES]) == ()


def test_report_counts() -> None:
    """Every kind is counted, and what did not change."""
    new = (*_RULES[:2], provision("제3조 삭제", deleted=True), *_RULES[3:])
    found = report("old", "new", new, compare(_RULES, new))
    assert found.counts == {"added": 0, "removed": 1, "changed": 0, "renumbered": 0, "moved": 0}
    assert found.unchanged == 5


@pytest.mark.parametrize("regulation", ["service", "travel", "work-rules"])
def test_sample_revisions(regulation: str, sample_sources: ModuleType) -> None:
    """Between the PDFs of two sample revisions exactly the changes are found that the revision file makes."""
    (revisions,) = (r for r in sample_sources.read_regulations() if r[0].regulation_id == regulation)
    before, after = ({section.key: section.lines for section in revision.sections} for revision in revisions)
    expected = set()
    for key in before.keys() | after.keys():
        if before.get(key) == after.get(key):
            continue
        kind = "changed" if key in before and key in after else "added"
        kind = "removed" if "삭제" in after.get(key, ("",))[0] else kind
        name = key.strip("[]")
        articles = sum(line.startswith("제") for line in after[key]) if name.startswith(("부칙", "부 칙")) else 1
        expected |= {(kind, f"부칙 제{n}조" if "칙" in name else name) for n in range(1, articles + 1)}
    old, new = (parsed(SAMPLES / revision.pdf_name).provisions for revision in revisions)
    found = {(change.kind, change.new_article or change.old_article) for change in compare(old, new)}
    assert found == expected
    assert len(expected) >= 3
