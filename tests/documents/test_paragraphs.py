"""Wrapped lines are joined; 항, 호 and 목 stand on lines of their own."""

import pytest
from documents.layouts import layout_of, lines_of

from regtune.documents.paragraphs import join_paragraphs


@pytest.mark.parametrize(
    ("texts", "paragraphs"),
    [
        pytest.param(["① 첫째.", "② 둘째.", "1. 하나", "가. 갑", "나. 을"], 5, id="each mark opens"),
        pytest.param(["① 하여야 한~", "다. 다만, 예외로 한다."], 1, id="다. of a sentence"),
        pytest.param(["나. 을로 하여야 한~", "다. 다만, 예외로 한다."], 1, id="다. after 나."),
        pytest.param(["가. 갑", "나. 을을 정한다.", "다. 병"], 3, id="다. of a list"),
        pytest.param(["① 정한다. <개정 2004. 12. 1, 2009. 7.~", "1. 23>"], 1, id="date wrapped in a tag"),
        pytest.param(["① 2024. 1.~", "15. 시행한다."], 1, id="date wrapped, number out of sequence"),
        pytest.param(["1. 하나를 정한다.~", "2. 둘"], 2, id="number in sequence after a full line"),
        pytest.param(["- 하나", "- 둘", "※ 비고"], 3, id="bullets"),
        pytest.param(
            ["제1조(휴가) ① 쓴다. ② 유급으로 한다. <신설 2020. 1. 1.> ③ 따로 정한다."], 3, id="several 항 a line"
        ),
        pytest.param(["① 정한다. ③ 따로 정한다."], 1, id="a circled number out of sequence"),
        pytest.param(["① 제1항 ②에 따른다. ②항에 따른다."], 1, id="circled numbers cited"),
        pytest.param(["① 다음과 같다(갑은 한다. ② 을은 한다)."], 1, id="inside brackets"),
        pytest.param(["짧은 줄", "다음 줄"], 2, id="a short line ends its paragraph"),
    ],
)
def test_join_paragraphs(texts: list[str], paragraphs: int) -> None:
    """A line opens a paragraph when its mark can come next or the line before was not full."""
    lines = lines_of(*texts)
    layout = layout_of(lines)
    joined = join_paragraphs(lines, layout.margins, layout.wraps)
    assert len(joined) == paragraphs
    assert "".join("".join(joined).split()) == "".join("".join(line.text for line in lines).split())
