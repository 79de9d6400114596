"""What a heading looks like, and what only looks like one."""

import pytest

from regtune.documents import attachments, headings


@pytest.mark.parametrize(
    ("text", "number", "title", "form", "cited"),
    [
        pytest.param("제15조(휴가) ① 직원은", (15, 0), "휴가", "titled", False, id="titled"),
        pytest.param("제 20 조 (목 적) 이 규정은", (20, 0), "목적", "titled", False, id="spread"),
        pytest.param("제1조(목적)이 규정은", (1, 0), "목적", "titled", False, id="no blank after the title"),
        pytest.param("제59조의 2(특례)", (59, 2), "특례", "titled", False, id="branch with a blank"),
        pytest.param("제26조의12(위원) ", (26, 12), "위원", "titled", False, id="two-digit branch"),
        pytest.param("제7조(휴가(연차)의 사용)", (7, 0), "휴가(연차)의 사용", "titled", False, id="bracket in title"),
        pytest.param("제50조(수당) 제23조 및 제26조에 따라", (50, 0), "수당", "titled", False, id="starts by citing"),
        pytest.param("제8조 삭제", (8, 0), None, "deleted", False, id="deleted"),
        pytest.param("제17조 ‹삭제 1994. 7.25>", (17, 0), None, "deleted", False, id="deleted in odd brackets"),
        pytest.param("제50조(수당) <삭제 2019.7.17.>", (50, 0), "수당", "deleted", False, id="title kept"),
        pytest.param("제2조 이 규정이 효력을", (2, 0), None, "bare", False, id="without title"),
        pytest.param("제14조(평가) 제3항에 따라", (14, 0), "평가", "titled", True, id="cited with 항"),
        pytest.param("제9조(비밀) 및 제10조", (9, 0), "비밀", "titled", True, id="cited with 및"),
        pytest.param("제14조(평가)의 규정에", (14, 0), "평가", "titled", True, id="cited with 의"),
        pytest.param("제4조 : 휴일", (4, 0), "휴일", "titled", False, id="title after a colon"),
        pytest.param("제4조 : 휴일은 다음과 같다", (4, 0), None, "bare", False, id="a sentence after a colon"),
        pytest.param("제1조 「목적」 이 규정은", (1, 0), "목적", "titled", False, id="title in corner brackets"),
        pytest.param("제4조 「근로기준법」 제60조에 따라", (4, 0), None, "bare", False, id="a law in corner brackets"),
        pytest.param("제7조(의원면직)의원면직은", (7, 0), "의원면직", "titled", False, id="의 of a word"),
    ],
)
def test_article(text: str, number: tuple[int, int], title: str | None, form: str, cited: bool) -> None:  # noqa: FBT001
    """A line's number, title and form are read, and whether it goes on as a citation does."""
    found = headings.article(text)
    assert found is not None
    assert (found.number, found.title, found.form, found.cited) == (number, title, form, cited)


@pytest.mark.parametrize(
    "text", ["제15조에 따른 휴가", "제13조의2, [별표 1]의", "제3조제1항", "휴가는 제15조(휴가)", "제 3 항"]
)
def test_no_article(text: str) -> None:
    """A number followed at once by a particle is no heading."""
    assert headings.article(text) is None


def test_deleted_range() -> None:
    """`제8조부터 제10조까지 삭제` opens 제8조 and ends with 제10조."""
    found = headings.article("제8조부터 제10조까지 삭제 <2019. 1. 1.>")
    assert found is not None
    assert (found.number, found.last, found.form) == ((8, 0), (10, 0), "deleted")


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        pytest.param("제1 장 총 칙", "제1장 총칙", id="spread"),
        pytest.param("제4장의2 연봉", "제4장의2 연봉", id="branch"),
        pytest.param("제18장ㅊ 조직", "제18장 ㅊ 조직", id="typo"),
        pytest.param("제2절 출근 및 결근", "제2절 출근 및 결근", id="section"),
        pytest.param("제10장과 제11장만 준용한다.", None, id="cited"),
        pytest.param("제2장에서 정하는 바에", None, id="cited with 에서"),
        pytest.param("제2장 휴가에 관하여는 따로 정한다.", None, id="sentence"),
    ],
)
def test_group(text: str, heading: str | None) -> None:
    """편, 장, 절 and 관 are headings unless a particle or a sentence follows."""
    found = headings.group(text)
    assert (found.heading if found else None) == heading


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        pytest.param("부 칙", "부칙", id="spread"),
        pytest.param("부칙 <2024. 1. 1.>", "부칙 <2024. 1. 1.>", id="dated"),
        pytest.param("부 칙(제98-78호)", "부칙 (제98-78호)", id="numbered"),
        pytest.param("부칙 제2조에 따른", None, id="cited"),
        pytest.param("부칙에 따라", None, id="cited with 에"),
    ],
)
def test_addendum(text: str, heading: str | None) -> None:
    """부칙 alone or with a date or number is a heading."""
    assert headings.addendum(text) == heading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[별표 1] 경조휴가 일수", ("annex", "1"), id="annex"),
        pytest.param("[별표 2-1] 전공 구분", ("annex", "2-1"), id="hyphen"),
        pytest.param("[별표] <개정 2014. 5. 12.>", ("annex", None), id="without number"),
        pytest.param("[별지 제1호서식] 휴가신청서", ("form", "1"), id="form"),
        pytest.param("[별지서식 제3호] 근로계약서", ("form", "3"), id="form, number last"),
        pytest.param("【서식 제2호】", ("form", "2"), id="form in other brackets"),
        pytest.param("[붙임 1] 학위증 서식", ("form", "1"), id="attachment"),
        pytest.param("별표 2", ("annex", "2"), id="without brackets"),
        pytest.param("[별지 제1호 서식]의 기준을", None, id="form cited"),
        pytest.param("별표1의 기준에 의해", None, id="annex cited"),
        pytest.param("별표에 없는", None, id="annex cited without number"),
        pytest.param("별 첨 주민등록등본 1부", None, id="enclosure"),
    ],
)
def test_attachment(text: str, expected: tuple[str, str | None] | None) -> None:
    """별표 and 별지·서식 are headings with their number, unless they are cited."""
    found = attachments.attachment(text)
    assert ((found.part, found.number) if found else None) == expected


@pytest.mark.parametrize(
    ("text", "shown"), [("총 칙", "총칙"), ("근로 조건", "근로 조건"), ("년 월 일", "년 월 일"), ("휴가", "휴가")]
)
def test_gathered(text: str, shown: str) -> None:
    """A title spread over the line is one word; words and blanks to fill in stay apart."""
    assert headings.gathered(text) == shown


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        pytest.param("[별도 1] 정원표", "별도 1", "정원표", id="별도"),
        pytest.param("〔별도 제2호〕", "별도 2", "", id="별도 with 호"),
        pytest.param("<표 1> 수당 지급기준", "표 1", "수당 지급기준", id="표"),
        pytest.param("<표 1>과 같다", None, "", id="cited"),
    ],
)
def test_annexes_of_another_name(text: str, number: str | None, rest: str) -> None:
    """`[별도 1]` heads an annex, `<표 1>` one where a table's caption cannot stand."""
    found = attachments.attachment(text) or attachments.captioned_annex(text)
    assert (found and (found.number, found.rest)) == (number and (number, rest))
