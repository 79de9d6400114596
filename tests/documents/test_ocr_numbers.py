"""Numbers that OCR misread are told by their neighbours."""

import pytest
from documents.layouts import lines_of

from regtune.documents.ocr_numbers import cited, marked, mended, out_of_order


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        pytest.param(["제6조(작성)", "제?조(점검자)", "제8조(역할)"], {1: "제7조(점검자)"}, id="unreadable"),
        pytest.param(["제11조(공개)", "제13조(폐기)", "글", "제13조(전자)"], {1: "제12조(폐기)"}, id="read twice"),
        pytest.param(["제6조(작성)", "제7조(점검자)", "제8조(역할)"], {}, id="nothing wrong"),
        pytest.param(["제6조(작성)", "제20조(벌칙) 제1항에 따라", "제8조(역할)"], {}, id="a citation"),
        pytest.param(["제6조(작성)", "제?조(점검자)", "제9조(역할)"], {}, id="room for two"),
        pytest.param(["제9조(작성)", "제?조(점검자)", "제11조(역할)"], {}, id="not as many digits"),
    ],
)
def test_mended(texts: list[str], right: dict[int, str]) -> None:
    """A titled heading between N and N+2 is N+1; where that is not certain the line stays as OCR read it."""
    assert {i: line.text for i, line in mended(lines_of(*texts))} == right


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        pytest.param(
            ["제7조(점검자) 0 점검자는 정한다.", "3 책임자는 정한다.", "@) 연구자는 정한다."],
            {0: "제7조(점검자) ① 점검자는 정한다.", 1: "② 책임자는 정한다.", 2: "③ 연구자는 정한다."},
            id="as Tesseract reads them",
        ),
        pytest.param(
            ["제7조(점검자) 0 점검자는 정한다.", "제8조(역할) (1) 책임자는 정한다.", "1. 연구", "() 또한 정한다."],
            {0: "제7조(점검자) ① 점검자는 정한다.", 1: "제8조(역할) ① 책임자는 정한다.", 3: "② 또한 정한다."},
            id="after the items of a list",
        ),
        pytest.param(["제7조(점검자) (1) 정한다.", "(2) 또한 정한다."], {}, id="brackets that are printed"),
        pytest.param(["제7조(점검자) 점검자는 정한다.", "3 개월은 짧다."], {}, id="an article without 항"),
        pytest.param(
            ["제7조(점검자) 0 점검자는", "3 개월 안에 정한다."],
            {0: "제7조(점검자) ① 점검자는"},
            id="a number inside a sentence",
        ),
    ],
)
def test_marked(texts: list[str], right: dict[int, str]) -> None:
    """What stands for ① behind an article's title is ①, and the marks that open later lines count on from there."""
    assert {i: line.text for i, line in marked(lines_of(*texts))} == right


@pytest.mark.parametrize(
    ("text", "right", "unread"),
    [
        pytest.param("제l2조제I항에 따라", "제12조제1항에 따라", (), id="letters for 1"),
        pytest.param("제1O조와 제 |항", "제10조와 제 1항", (), id="letters for 0 and a bar"),
        pytest.param("제?조에 따라", "제?조에 따라", ("제?조",), id="no reading"),
        pytest.param("제O조에 따라", "제O조에 따라", ("제O조",), id="a blank or a nought"),
        pytest.param("제○조에 따라 제10조의2제3항", "제○조에 따라 제10조의2제3항", (), id="nothing misread"),
        pytest.param("이제 조항을 둔다", "이제 조항을 둔다", (), id="no citation"),
    ],
)
def test_citation_misread_by_ocr(text: str, right: str, unread: tuple[str, ...]) -> None:
    """A number in a citation has digits only; one that has no such reading is told and stays as it is."""
    found = [(line.text, told) for _, line, _, told in cited(lines_of(text))]
    assert found == ([(right, unread)] if right != text or unread else [])


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        pytest.param(["제6조(작성)", "1. 가", "3. 나", "3. 다"], [(2, 3, 2)], id="misread"),
        pytest.param(["제6조(작성)", "1. 가", "2. 나", "제7조(보관)", "1. 다"], [], id="the next article"),
        pytest.param(["제6조(작성)", "① 가", "1. 나", "2. 다", "② 라", "1. 마"], [], id="the next 항"),
        pytest.param(["제6조(작성)", "1. 가", "2024. 1. 1.부터", "2. 나"], [], id="a date"),
        pytest.param(["제6조(작성)", "2. 가", "3. 나"], [(1, 2, 1)], id="the first is missing"),
    ],
)
def test_item_that_does_not_follow_is_told(texts: list[str], told: list[tuple[int, int, int]]) -> None:
    """호 3 behind 호 1 is no silence: the line, the number as read and the one that is due."""
    assert list(out_of_order(lines_of(*texts))) == told
