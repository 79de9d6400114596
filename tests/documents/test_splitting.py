"""Splitting loses nothing, exceeds nothing, and cuts where a reader would."""

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regtune.documents.splitting import split_evenly
from regtune.documents.tokens import TokenCounter


def _syllables(text: str) -> int:
    """A counter of the simplest kind: two characters a token."""
    return -(-len(text) // 2)


_WORDS = st.text(alphabet="가나다라마바사①②③제조1.2.|()\u3000 \n", min_size=1, max_size=60)
_TEXTS = st.lists(_WORDS, min_size=1, max_size=40).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(text=_TEXTS, limit=st.integers(min_value=4, max_value=80))
def test_nothing_lost_and_never_over_the_limit(text: str, limit: int) -> None:
    """Every non-blank character is in exactly one part, in order, and no part is longer than the limit."""
    parts = split_evenly(text, limit, _syllables)
    assert "".join("".join(part.split()) for part in parts) == "".join(text.split())
    assert all(_syllables(part) <= limit for part in parts)
    assert all(part == part.strip() and part for part in parts)


def test_a_text_that_fits_is_one_part() -> None:
    """Nothing is cut below the limit."""
    assert split_evenly("① 가.\n② 나.", 50, _syllables) == ["① 가.\n② 나."]


@pytest.mark.parametrize(
    ("text", "limit", "starts"),
    [
        pytest.param("\n".join(f"{mark} " + "휴가를 준다 " * 5 for mark in "①②③④"), 40, ["①", "③"], id="between 항"),
        pytest.param(
            "① 다음과 같다.\n" + "\n".join(f"{i}. " + "휴가를 준다 " * 4 for i in range(1, 7)),
            40,
            None,
            id="between 호",
        ),
        pytest.param("직원은 휴가를 신청하여야 한다. " * 12, 60, ["직원은", "직원은"], id="between sentences"),
    ],
)
def test_cuts_fall_at_the_outermost_boundary(text: str, limit: int, starts: list[str] | None) -> None:
    """항 come before 호, 호 before sentences, and no sentence is cut when sentences fit."""
    parts = split_evenly(text, limit, _syllables)
    assert len(parts) >= 2
    if starts is not None:
        assert [part[: len(start)] for part, start in zip(parts, starts, strict=False)] == starts
    else:
        assert all(part[0] in "①123456" for part in parts)


def test_parts_are_nearly_equal() -> None:
    """Ten sentences under a limit of four become parts that differ by one sentence at most."""
    sentence = "직원은 휴가를 신청하여야 한다."
    parts = split_evenly(" ".join([sentence] * 10), 4 * _syllables(sentence) + 4, _syllables)
    sizes = [part.count(sentence) for part in parts]
    assert sum(sizes) == 10
    assert max(sizes) - min(sizes) <= 1
    assert statistics.pstdev(sizes) / statistics.mean(sizes) <= 0.15


def test_a_word_over_the_limit_is_cut_inside() -> None:
    """A row of characters without a blank is still cut to the limit."""
    counter: TokenCounter = len
    parts = split_evenly("가" * 95, 10, counter)
    assert "".join(parts) == "가" * 95
    assert max(map(len, parts)) <= 10
