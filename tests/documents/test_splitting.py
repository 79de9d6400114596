"""Splitting loses nothing, exceeds nothing, and cuts where a reader would."""

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtune.documents.splitting import Limits, split_evenly
from regtune.documents.tokens import TokenCounter


def _syllables(text: str) -> int:
    """A counter of the simplest kind: two characters a token."""
    return -(-len(text) // 2)


def _limits(most: int) -> Limits:
    return Limits(most=most, wished=max(1, most * 5 // 8), variation=0.13)


def _variation(parts: list[str], count: TokenCounter) -> float:
    sizes = [count(part) for part in parts]
    return statistics.pstdev(sizes) / statistics.mean(sizes)


_WORDS = st.text(alphabet="가나다라마바사①②③제조1.2.|()\u3000 \n", min_size=1, max_size=60)
_TEXTS = st.lists(_WORDS, min_size=1, max_size=40).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(text=_TEXTS, limit=st.integers(min_value=4, max_value=80))
def test_nothing_lost_and_never_over_the_limit(text: str, limit: int) -> None:
    """Every non-blank character is in exactly one part, in order, and no part is longer than the limit."""
    parts = split_evenly(text, _limits(limit), _syllables)
    assert "".join("".join(part.split()) for part in parts) == "".join(text.split())
    assert all(_syllables(part) <= limit for part in parts)
    assert all(part == part.strip() and part for part in parts)


_CLAUSES = (
    "휴가를 신청하며,",
    "7일 이내에",
    "부서장의 승인을 받아",
    "증빙서류를 제출하여야 한다.",
    "다만, 긴급한 때에는",
)
_LINES = st.lists(st.sampled_from(_CLAUSES), min_size=1, max_size=6).map(" ".join)
_MARKS = st.sampled_from(["① ", "② ", "1. ", "2. ", "가. ", ""])
_PROSE = st.lists(st.builds(str.__add__, _MARKS, _LINES), min_size=4, max_size=30).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(text=_PROSE)
def test_parts_of_any_prose_are_even(text: str) -> None:
    """Whatever the lengths of its 항 and 호, the parts of a long text differ little from each other."""
    parts = split_evenly(text, _limits(100), _syllables)
    assert _variation(parts, _syllables) <= 0.15


def test_a_text_that_fits_is_one_part() -> None:
    """Nothing is cut below the limit."""
    assert split_evenly("① 가.\n② 나.", _limits(50), _syllables) == ["① 가.\n② 나."]


@pytest.mark.parametrize(
    ("text", "limit", "starts"),
    [
        pytest.param("\n".join(f"{mark} " + "휴가를 준다 " * 5 for mark in "①②③④"), 60, ["①", "③"], id="between 항"),
        pytest.param(
            "① 다음과 같다.\n" + "\n".join(f"{i}. " + "휴가를 준다 " * 4 for i in range(1, 9)),
            90,
            ["①", "5."],
            id="between 호, the lead with the first",
        ),
        pytest.param("직원은 휴가를 신청하여야 한다. " * 12, 70, ["직원은"] * 3, id="between sentences"),
        pytest.param(
            "직원은 휴가를 신청하여야 한다. 다만, 긴급한 때에는 그러하지 아니하다. " * 4,
            60,
            ["직원은"] * 2,
            id="a proviso stays with its rule",
        ),
        pytest.param(
            "[별표 1]\n(단위: 원)\n| 구분 | 금액 |\n| --- | --- |\n"
            + "\n".join(f"| 임원{i} | 45,000 |" for i in range(12)),
            70,
            ["[별표 1]", "| 임원2", "| 임원7"],
            id="between rows, heads with the first rows",
        ),
    ],
)
def test_cuts_fall_at_the_outermost_boundary(text: str, limit: int, starts: list[str]) -> None:
    """A reader's boundaries come first: 항, then 호 and rows, then sentences."""
    parts = split_evenly(text, _limits(limit), _syllables)
    assert [part[: len(start)] for part, start in zip(parts, starts, strict=True)] == starts


def test_uneven_units_are_cut_at_a_lower_boundary() -> None:
    """One 항 that is far longer than its neighbours is cut between its sentences, or the parts would be uneven."""
    text = "① 짧다.\n② " + "직원은 휴가를 신청하여야 한다. " * 12 + "\n③ 짧다."
    parts = split_evenly(text, _limits(80), _syllables)
    assert _variation(parts, _syllables) <= 0.13
    assert all(part.endswith("다.") for part in parts)


def test_parts_of_different_articles_are_alike() -> None:
    """Not the fewest parts but parts near the wished size, so that a text of two limits is cut as finely as others."""
    sentence = "직원은 휴가를 신청하여야 한다."
    sizes = [
        _syllables(part)
        for sentences in range(14, 60)
        for part in split_evenly(" ".join([sentence] * sentences), _limits(100), _syllables)
    ]
    assert statistics.pstdev(sizes) / statistics.mean(sizes) <= 0.15
    assert abs(statistics.mean(sizes) - _limits(100).wished) <= 10


def test_a_word_over_the_limit_is_cut_inside() -> None:
    """A row of characters without a blank is still cut to the limit."""
    counter: TokenCounter = len
    parts = split_evenly("가" * 95, _limits(10), counter)
    assert "".join(parts) == "가" * 95
    assert max(map(len, parts)) <= 10
