"""Revision tags move out of the text and nothing else does."""

import pytest
from documents.layouts import provisions_of

from regtune.documents.revision_tags import take_tags


@pytest.mark.parametrize(
    ("text", "kept", "tags"),
    [
        pytest.param("한다. <개정 2024. 7. 1.>", "한다.", ("<개정 2024. 7. 1.>",), id="amended"),
        pytest.param("한다.<개정 2004. 12. 1, 2009. 7. 27>", "한다.", ("<개정 2004. 12. 1, 2009. 7. 27>",), id="dates"),
        pytest.param("한다. 〈신설 2015.3.1.〉 다만", "한다. 다만", ("〈신설 2015.3.1.〉",), id="other brackets"),
        pytest.param("두지 않는다. <2012.2.28.>", "두지 않는다.", ("<2012.2.28.>",), id="bare date"),
        pytest.param(
            "둔다. <신설 2019.2.19.>, <개정 2023.6.19.>", "둔다.", ("<신설 2019.2.19.>", "<개정 2023.6.19.>"), id="two"
        ),
        pytest.param("한다.\n[본조신설 2025. 1. 1.]", "한다.", ("[본조신설 2025. 1. 1.]",), id="new article"),
        pytest.param(
            "[제목개정 2021. 1. 5.]\n[전문개정 2009. 5. 21.]",
            "",
            ("[제목개정 2021. 1. 5.]", "[전문개정 2009. 5. 21.]"),
            id="title and whole",
        ),
        pytest.param(
            "한다.\n[시행일: 2025. 10. 23.] 제37조", "한다.", ("[시행일: 2025. 10. 23.] 제37조",), id="in force"
        ),
        pytest.param("6. <삭제 2019.08.21>", "6. 삭제", ("<삭제 2019.08.21>",), id="deleted item keeps its word"),
        pytest.param("제5조 <2020. 1. 1. 삭제>", "제5조 삭제", ("<2020. 1. 1. 삭제>",), id="deleted, the date first"),
        pytest.param("④ 삭제<2009. 5. 21.>", "④ 삭제", ("<2009. 5. 21.>",), id="deleted, date only"),
        pytest.param("제14조의2<호 번호 변경 2019.08.21, 개정 2019.08.21>", "제14조의2", None, id="renumbered"),
        pytest.param("2. 둔다.\n‹호 변경 2017. 12. 27>", "2. 둔다.", ("‹호 변경 2017. 12. 27>",), id="item changed"),
        pytest.param("정한다. [본장 신설 2022.12.26.]", "정한다.", ("[본장 신설 2022.12.26.]",), id="new chapter"),
        pytest.param("6. <호 삭제 2019.08.21>", "6. 삭제", ("<호 삭제 2019.08.21>",), id="deleted item by its kind"),
        pytest.param("<별표 1> 및 [별표 2]", "<별표 1> 및 [별표 2]", (), id="a reference stays"),
        pytest.param("x < 3 이고 y > 2024", "x < 3 이고 y > 2024", (), id="an inequality stays"),
        pytest.param("[3만원×(인원-1)] 이하", "[3만원×(인원-1)] 이하", (), id="a formula stays"),
    ],
)
def test_take_tags(text: str, kept: str, tags: tuple[str, ...] | None) -> None:
    """The text loses its tags; they come back as printed, in order."""
    found = take_tags(text)
    assert found[0] == kept
    assert tags is None or found[1] == tags


def test_a_long_blank_costs_no_more_than_its_length() -> None:
    """A tag behind 100,000 blanks is found; a search that begins anew at each blank would not end."""
    assert take_tags(f"한다.{' ' * 100_000}<개정 2020. 1. 1.>{' ' * 100_000}") == ("한다.", ("<개정 2020. 1. 1.>",))


def test_tag_of_a_chapter_is_no_provision() -> None:
    """What stands alone below a heading goes to the first article, and no provision holds a tag as its text."""
    found = provisions_of(
        "제1장 총칙", "제1조(목적) 정한다.", "제2장 휴가", "<본장신설 2019.12.20.>", "제2조(휴가) 준다."
    )
    assert [(p.number, p.revision_tags) for p in found.provisions] == [("1", ()), ("2", ("<본장신설 2019.12.20.>",))]
