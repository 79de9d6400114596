"""A citation is read in every way that people write one, and nothing else is."""

import pytest

from regtune.korean.citations import Citation, read_citations, without_citations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "취업규칙 제15조의2제3항에 따라", [Citation("제15조의2", 3, "취업규칙")], id="branch-and-paragraph"
        ),
        pytest.param("15조 3항은", [Citation("제15조", 3, None)], id="without-je"),
        pytest.param("제41조제1항제1호의", [Citation("제41조", 1, None)], id="to-the-item"),
        pytest.param("별표 1에 따른", [Citation("별표 1", None, None)], id="annex"),
        pytest.param("별지 제2호서식의", [Citation("별지 제2호서식", None, None)], id="form"),
        pytest.param("제22조 및 제24조", [Citation("제22조", None, None), Citation("제24조", None, None)], id="two"),
        pytest.param("「근로기준법」 제60조", [Citation("제60조", None, "근로기준법")], id="statute"),
        pytest.param("3개 조직의 15조건", [], id="not-a-citation"),
    ],
)
def test_reads(text: str, expected: list[Citation]) -> None:
    """Articles come in the form in which a chunk is cited."""
    assert read_citations(text) == expected


def test_what_is_stated_stays() -> None:
    """Citations go with the words that hang on them; the statement stays."""
    assert without_citations("취업규칙 제35조제3항에 따라 3일 전까지 신청합니다.").strip() == "3일 전까지 신청합니다."
    assert without_citations("열흘입니다(복무규정 제26조).").strip() == "열흘입니다 ."
