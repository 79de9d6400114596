"""Which candidates are headings: told by the numbers that can come next."""

from documents.layouts import provisions_of

from regtune.documents.naming import cited_as
from regtune.documents.provisions import Found


def _articles(found: Found, part: str = "body") -> list[str | None]:
    return [provision.number for provision in found.provisions if (provision.part, provision.kind) == (part, "article")]


def test_wrapped_citation_is_no_heading() -> None:
    """A citation at the start of a line, even in a heading's form, stays in the article that cites."""
    found = provisions_of(
        "제1조(목적) 이 지침은 인사규정~",
        "제14조(평가) 제3항에 따라 필요한 사항을 정함~",
        "을 목적으로 한다.",
        "제2조(대상) 모든 직원으로 한다.",
        "제3조(기준) 따로 정한다.",
    )
    assert _articles(found) == ["1", "2", "3"]
    assert "제14조(평가) 제3항에 따라" in found.provisions[0].text


def test_citation_of_the_next_article_is_no_heading() -> None:
    """A sentence that wraps before the very number that comes next is not cut there."""
    found = provisions_of(
        "제1조(목적) 이 규정은 휴가를 정한다.",
        "제2조(정의) 연차휴가란 다음 조인~",
        "제3조(연차휴가) 본문에 정한 휴가로서~",
        "1년에 15일을 준다.",
        "제3조(연차휴가) 직원에게 15일을 준다.",
        "제4조(신청) 부서장에게 신청한다.",
    )
    assert _articles(found) == ["1", "2", "3", "4"]
    assert found.provisions[2].text == "제3조(연차휴가) 직원에게 15일을 준다."


def test_articles_of_an_addendum_do_not_mix_with_the_body() -> None:
    """부칙 articles start again at 제1조 and carry their 부칙 in their path."""
    found = provisions_of(
        "제1장 총칙",
        "제1조(목적) 휴가를 정한다.",
        "제2조(적용) 모두에게 적용한다.",
        "부 칙 <2024. 1. 1.>",
        "제1조(시행일) 2024년 1월 1일부터 시행한다.",
        "제2조(경과조치) 종전의 규정에 따른다.",
        "부 칙 <2025. 1. 1.>",
        "이 규정은 2025년 1월 1일부터 시행한다.",
    )
    assert _articles(found) == ["1", "2"]
    assert _articles(found, "addendum") == ["1", "2"]
    assert found.provisions[2].path == ("부칙 <2024. 1. 1.>", "제1조(시행일)")
    assert (found.provisions[-1].kind, found.provisions[-1].path) == ("other", ("부칙 <2025. 1. 1.>",))
    assert found.counts["addenda"] == 2


def test_branches_and_deleted_articles_keep_their_place() -> None:
    """제2조의2 follows 제2조; `제3조 삭제` is an article and marked deleted."""
    found = provisions_of(
        "제1조(목적) 휴가를 정한다.",
        "제2조(정의) 뜻은 다음과 같다.",
        "제2조의2(특례) 따로 정한다.",
        "제3조 삭제 <2024. 1. 1.>",
        "제4조(신청) <삭제 2023. 1. 1.>",
        "제5조(승인) 부서장이 승인한다. <개정 2024. 1. 1.>",
    )
    assert _articles(found) == ["1", "2", "2의2", "3", "4", "5"]
    assert [p.deleted for p in found.provisions] == [False, False, False, True, True, False]
    assert found.provisions[3].text == "제3조 삭제"
    assert found.provisions[5].revision_tags == ("<개정 2024. 1. 1.>",)
    assert not found.warnings


def test_path_names_part_chapter_and_section() -> None:
    """An article's path is its 편, 장 and 절 and itself; 절 begin anew in each 장, 장 count on over 편."""
    found = provisions_of(
        "제1편 총칙",
        "제1장 통칙",
        "제1조(목적) 정한다.",
        "제2편 복무",
        "제2장 휴가",
        "제1절 연차",
        "제2조(일수) 15일로 한다.",
        "제3장",
        "휴 직",
        "제1절 육아",
        "제3조(기간) 1년으로 한다.",
    )
    assert [p.path for p in found.provisions] == [
        ("제1편 총칙", "제1장 통칙", "제1조(목적)"),
        ("제2편 복무", "제2장 휴가", "제1절 연차", "제2조(일수)"),
        ("제2편 복무", "제3장 휴직", "제1절 육아", "제3조(기간)"),
    ]


def test_a_cited_chapter_opens_none() -> None:
    """`제2장 …` at the start of a wrapped line does not end the article."""
    found = provisions_of(
        "제1장 총칙",
        "제1조(목적) 직원에게는 이 규정의 제1장과~",
        "제2장 휴가의 규정을 적용하되 다른 장은~",
        "적용하지 아니한다.",
        "제2조(정의) 뜻은 다음과 같다.",
    )
    assert [p.path[0] for p in found.provisions] == ["제1장 총칙", "제1장 총칙"]


def test_articles_inside_a_form_stay_in_the_form() -> None:
    """A contract printed as a form keeps its 제1조; the next form and its number are found all the same."""
    found = provisions_of(
        "제1조(목적) 채용을 정한다.",
        "[별지 제1호서식] 근로계약서",
        "제1조(신분) 직원으로 한다.",
        "제2조(임금) 따로 정한다.",
        "[별지 제2호서식] 서약서",
        "서약합니다.",
    )
    assert _articles(found) == ["1"]
    assert [(p.part, p.number, p.title) for p in found.provisions[1:]] == [
        ("form", "1", "근로계약서"),
        ("form", "2", "서약서"),
    ]
    assert "제2조(임금)" in found.provisions[1].text


def test_what_stands_before_the_first_heading_is_one_preamble() -> None:
    """Title and history are a preamble and no article."""
    found = provisions_of("취업규칙", "제정 2020. 1. 1.", "제1조(목적) 정한다.")
    assert [p.part for p in found.provisions] == ["preamble", "body"]
    assert found.provisions[0].text == "취업규칙\n제정 2020. 1. 1."


def test_gaps_and_repeats_are_reported_with_their_page() -> None:
    """A number that is missing or stands twice is a warning."""
    found = provisions_of(
        "제1조(목적) 정한다.",
        "제2조(정의) 정한다.",
        "제4조(신청) 신청한다.",
        "제4조(신청) 새로 신청한다.",
        "제5조(승인) 승인한다.",
    )
    assert [(w.message, w.page) for w in found.warnings] == [
        ("조 번호가 이어지지 않습니다: 제2조 다음에 제4조.", 1),
        ("제4조: 같은 번호의 조가 두 번 나옵니다.", 1),
    ]


def test_a_text_without_articles_is_kept_whole() -> None:
    """A guideline that has no 조 is one body provision, with a warning."""
    found = provisions_of("재택근무 안내", "1. 주 2일까지 할 수 있다.")
    assert [(p.part, p.kind) for p in found.provisions] == [("body", "other")]
    assert [w.code for w in found.warnings] == ["no_article"]


def test_an_annex_of_another_name_is_no_part_of_the_addendum() -> None:
    """`<표 1>` behind a 부칙 is an annex with its own word; in the body it captions a table."""
    found = provisions_of(
        "제1조(목적) 정한다.",
        "<표 9> 구분",
        "부칙",
        "이 규정은 공포한 날부터 시행한다.",
        "<표 1> 수당 지급기준",
        "월 10만원",
    )
    assert [(p.part, p.number) for p in found.provisions] == [("body", "1"), ("addendum", None), ("annex", "표 1")]
    assert cited_as(found.provisions[-1]) == "표 1"
