"""What of a PDF's characters is kept, changed or refused."""

from collections import Counter
from typing import Any

import pytest

from regtune.documents.characters import is_printed, read_runs


def _blocks(text: str, direction: tuple[float, float] = (1.0, 0.0)) -> list[Any]:
    chars = [{"c": c, "bbox": (10.0 * i, 0, 10.0 * i + 10, 10)} for i, c in enumerate(text)]
    span = {"chars": chars, "origin": (0.0, 10.0), "size": 10.0, "color": 0, "alpha": 255}
    return [{"type": 0, "lines": [{"dir": direction, "spans": [span]}]}]


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        pytest.param("ⓛ➁➅", "①②⑥", id="look-alikes of circled numbers"),
        pytest.param("\uf90a利", "金利", id="compatibility hanja"),
        pytest.param("① 항", "① 항", id="item marks stay"),
        pytest.param("가\u3000나\xa0다", "가 나 다", id="blanks of any kind"),
        pytest.param("휴\u200b가\ufeff", "휴가", id="invisible ones"),
        pytest.param("\u1112\u1172\u1100\u1161", "휴가", id="decomposed Hangul"),
        pytest.param("제５조 １．１５일 １０％ ＡＢｚ", "제5조 1.15일 10% ABz", id="digits and letters in full width"),
        pytest.param("㈜ ㎡ ½", "㈜ ㎡ ½", id="no other compatibility form is changed"),
    ],
)
def test_variants(printed: str, kept: str) -> None:
    """A character has one form, whatever the font's code for it; no form that means something is lost."""
    (run,) = read_runs(_blocks(printed), Counter())
    assert run.text == kept
    assert len(run.starts) == len(run.ends) == len(run.text)


def test_unreadable_and_turned_characters_are_counted() -> None:
    """Private-use codes, replacement marks and turned text are left out under their reason."""
    dropped: Counter[str] = Counter()
    runs = [*read_runs(_blocks("가\ue034\ufffd나"), dropped), *read_runs(_blocks("대외비", (0.0, -1.0)), dropped)]
    assert [run.text for run in runs] == ["가나"]
    assert dropped == {"unreadable": 2, "rotated": 3}


@pytest.mark.parametrize(
    ("gap", "texts"),
    [
        pytest.param(0.0, ["휴가"], id="a change of font"),
        pytest.param(3.0, ["휴", "가"], id="a gap"),
        pytest.param(-3.0, ["휴", "가"], id="printed over it"),
    ],
)
def test_runs_go_on_over_spans(gap: float, texts: list[str]) -> None:
    """Spans of one size and baseline are one run as long as no gap parts them."""
    (block,), (after,) = _blocks("휴"), _blocks("가")
    (span,) = after["lines"][0]["spans"]
    left = 10.0 + gap
    span["bbox"], span["chars"][0]["bbox"] = (left, 0, left + 10, 10), (left, 0, left + 10, 10)
    assert [run.text for run in read_runs([block, after], Counter())] == texts


def test_no_character_is_lost_without_a_count() -> None:
    """Of every code point that prints, either the run holds it or `dropped` counts it."""
    for first in range(0, 0x30000, 0x400):
        text = "".join(chr(code) for code in range(first, first + 0x400) if not 0xD800 <= code < 0xE000)
        dropped: Counter[str] = Counter()
        runs = list(read_runs(_blocks(text), dropped)) if text else []
        kept = sum(not character.isspace() for run in runs for character in run.text)
        assert kept + dropped.total() == sum(map(is_printed, text))
