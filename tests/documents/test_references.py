"""Citations lead to the provisions that they mean, and never from a law to an article of ours."""

from typing import Any

import pytest
from documents.layouts import SAMPLES, parsed
from documents.provision_samples import addendum, attachment, provision

from regtune.contracts import Provision
from regtune.documents.references import Citation, find_citations

_TRAVEL: dict[str, Any] = {"regulation_id": "travel", "regulation_title": "주식회사 가나 여비규정"}
_CORPUS = (
    *(provision(f"제{n}조(가나) 정한다.") for n in ("1", "2", "3", "4", "5", "60")),
    provision("제15조의2(가나) 정한다."),
    provision("제7조 삭제", deleted=True),
    attachment("[별표 1]\n기준"),
    attachment("[별표 2]\n기준", "2"),
    attachment("[별지 제1호서식]", "1", "form"),
    attachment("[별지 제1호의2서식]", "1의2", "form"),
    addendum("제1조(시행일) 시행한다.", "부칙 <2024. 1. 1.>"),
    addendum("제2조(적용례) 적용한다.", "부칙 <2024. 1. 1.>"),
    *(provision(f"제{n}조(다라) 정한다.", **_TRAVEL) for n in ("3", "9")),
    attachment("[별표]\n기준", None, **_TRAVEL),
)


def _cited(text: str, **fields: Any) -> list[Citation]:
    """Citations of one more article of the corpus, which stands after the others."""
    citing = provision(f"제99조(바사) {text}", **fields)
    return find_citations([*_CORPUS, citing])[-1]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("제3조제2항에 따라 지급한다.", ["rules/body/3"], id="article"),
        pytest.param("제15조의2 제3항", ["rules/body/15의2"], id="branch"),
        pytest.param("제 3 조 제2항", ["rules/body/3"], id="spread"),
        pytest.param("제3조(가나) 및 제5조(가나)", ["rules/body/3", "rules/body/5"], id="with titles"),
        pytest.param("제2조제1항ㆍ제3항, 제4조 또는 5조", ["rules/body/2", "rules/body/4", "rules/body/5"], id="list"),
        pytest.param("제2조부터 제4조까지", ["rules/body/2", "rules/body/3", "rules/body/4"], id="range"),
        pytest.param("제2조 내지 제4조", ["rules/body/2", "rules/body/3", "rules/body/4"], id="range of old"),
        pytest.param("제2조제1항부터 제3항까지", ["rules/body/2"], id="range of 항"),
        pytest.param("제3조제1항 본문 및 같은 조 제4항", ["rules/body/3", "rules/body/3"], id="same article"),
        pytest.param("이 규칙 제4조", ["rules/body/4"], id="this regulation"),
        pytest.param("취업규칙 제4조", ["rules/body/4"], id="its own name"),
        pytest.param("별표 1의 기준", ["rules/annex/1"], id="annex"),
        pytest.param("[별표2]와 같다", ["rules/annex/2"], id="annex in brackets"),
        pytest.param("별표 1부터 별표 2까지", ["rules/annex/1", "rules/annex/2"], id="range of annexes"),
        pytest.param("별지 제1호서식의 신청서", ["rules/form/1"], id="form"),
        pytest.param("별지 제1호의2 서식", ["rules/form/1의2"], id="branch of a form"),
        pytest.param("「여비규정」 제9조", ["travel/body/9"], id="other regulation in brackets"),
        pytest.param("｢여비규정｣ 제3조 및 제9조", ["travel/body/3", "travel/body/9"], id="half-width brackets, list"),
        pytest.param("직원은 여비규정 제9조에 따른다.", ["travel/body/9"], id="other regulation by its name"),
        pytest.param("여비규정 별표에 따른다.", ["travel/annex/-"], id="only annex of another regulation"),
        pytest.param(
            "「여비규정」(이하 “규정”이라 한다)에 따르되, 규정 제3조를 적용한다.", ["travel/body/3"], id="short name"
        ),
        pytest.param("「여비규정」 제3조와 같은 규정 제9조", ["travel/body/3", "travel/body/9"], id="same regulation"),
        pytest.param("근로기준법」 제60조에 따른 휴가는 제3조에 따른다.", ["rules/body/3"], id="ours after a law"),
        pytest.param("부칙 제2조", ["rules/addendum/2024-01-01/2"], id="addendum"),
        pytest.param("3조 2교대로 근무하고 1조 원을 넘지 아니한다.", [], id="shifts and sums"),
        pytest.param("제3항과 제2호에 따른다.", [], id="places of its own"),
    ],
)
def test_what_points_inside_the_corpus_is_resolved(text: str, ids: list[str]) -> None:
    """Citations resolve to provision ids, of the regulation that the words before them name."""
    found = [name for citation in _cited(text) for name in citation.ids]
    assert found == ids


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("「근로기준법」 제60조", id="law"),
        pytest.param("｢근로기준법｣ 제60조", id="half-width brackets"),
        pytest.param("근로기준법 제60조", id="without brackets"),
        pytest.param("「근로기준법」(이하 “법”이라 한다) 제60조", id="with a short name"),
        pytest.param("「근로기준법」(이하 “법”이라 한다)을 말하며 법 제60조", id="short name"),
        pytest.param("「근로기준법」 제1조, 제2조 및 제60조", id="list"),
        pytest.param("「근로기준법」 제1조 및 같은 법 시행령 제3조", id="its decree"),
        pytest.param("「근로기준법」에 따르고 같은 법 제60조", id="same law"),
        pytest.param("남녀고용평등과 일ㆍ가정 양립 지원에 관한 법률 제5조", id="long name"),
        pytest.param("‘평가인정 운영에 관한 규정’의 제5조 내지 제9조", id="quotation marks"),
        pytest.param("교원정원령(대통령령 제13875호) 제2조", id="with its number"),
        pytest.param("국가공무원 여비규정 제3조", id="name that ends like ours"),
        pytest.param("「공무원 여비규정」 별표 1", id="annex of a law"),
        pytest.param("인사규정 제3조", id="regulation that is not in the corpus"),
        pytest.param("종전의 제3조에 따른다.", id="earlier text"),
        pytest.param("관계 규정 제3조", id="no name"),
        pytest.param("법률 제8372호(2007. 4. 11.) 제3조", id="act by its number"),
        pytest.param("법률 제8372호(2007. 4. 11.) 제1조의 개정규정은 같은 법 부칙 제2조에 따른다.", id="its addendum"),
    ],
)
def test_a_law_never_leads_to_an_article_of_ours(text: str) -> None:
    """What is outside is counted as outside, though our articles have the same numbers."""
    assert {citation.fate for citation in _cited(text)} == {"outside"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        pytest.param("여비규정 중 제3조(가나)를 제9조(다라)로 한다.", ["travel/body/3", "travel/body/9"], id="중"),
        pytest.param(
            "여비규정을 다음과 같이 개정한다.\n제3조를 삭제하고 제9조를 둔다.",
            ["travel/body/3", "travel/body/9"],
            id="as follows",
        ),
        pytest.param("인사규정 중 제3조(가나)를 제4조(다라)로 한다.", [], id="not in the corpus"),
        pytest.param(
            "① 「여비규정」 일부를 다음과 같이 개정한다.\n제9조를 삭제한다.\n② 제3조는",
            ["travel/body/9", "rules/body/3"],
            id="until the 항",
        ),
        pytest.param(
            "여비규정 중 제3조를 삭제한다. 제4조는", ["travel/body/3", "rules/body/4"], id="until the sentence"
        ),
        pytest.param("이 규칙 중 제3조의 개정규정은 제4조를", ["rules/body/3", "rules/body/4"], id="this one"),
        pytest.param("개정규정 중 제3조는 제4조를", ["rules/body/4"], id="no name"),
    ],
)
def test_articles_that_an_addendum_puts_into_another_regulation(text: str, ids: list[str]) -> None:
    """They are that one's as long as the amendment goes on, not of the regulation whose 부칙 it is."""
    citing = addendum(f"제2조(다른 규정의 개정) {text}")
    assert [name for citation in find_citations([*_CORPUS, citing])[-1] for name in citation.ids] == ids


@pytest.mark.parametrize("text", ["제42조", "제7조", "별표 9", "별지 제7호서식", "「여비규정」 제5조", "별표"])
def test_what_is_not_in_force_is_unresolved(text: str) -> None:
    """A citation into the corpus that finds no provision in force is told, not guessed."""
    assert [(citation.fate, citation.ids) for citation in _cited(f"{text}에 따른다.")] == [("unresolved", ())]


def test_neighbours() -> None:
    """`전조` and `다음 조` are the articles beside, `같은 조` without an article before it is none."""
    articles = [
        provision("제1조(가) 정한다."),
        provision("제2조(나) 전조 제1항, 다음 조에 따른다. 같은 조 제2항"),
        provision("제3조(다) 정한다."),
    ]
    assert [c.ids for c in find_citations(articles)[1]] == [("rules/body/1",), ("rules/body/3",), ("rules/body/3",)]
    assert find_citations([provision("제1조(가) 같은 조 제2항에 따른다.")]) == [[]]


@pytest.mark.parametrize(
    ("citing", "ids"),
    [
        pytest.param(addendum("제2조(적용례) 제3조의 개정규정은"), ["rules/body/3"], id="부칙 cites the body"),
        pytest.param(attachment("[별표 3]\n(제3조제1항 관련)", "3"), ["rules/body/3"], id="annex cites the body"),
        pytest.param(
            attachment("[별표 3] 계약서\n제1조(임금) 제3조에 따른다.\n제3조(휴가) 준다.", "3"),
            [],
            id="rule in an annex",
        ),
        pytest.param(provision("제9조(가) 본다.\n제3조2(나) 제4조에 따른다."), ["rules/body/4"], id="heading inside"),
    ],
)
def test_where_a_citation_stands(citing: Provision, ids: list[str]) -> None:
    """A 부칙 and an annex cite the body; a rule or contract inside an annex cites itself; a heading is no citation."""
    assert [name for citation in find_citations([*_CORPUS, citing])[-1] for name in citation.ids] == ids


def test_sample_regulations() -> None:
    """In the samples every citation is resolved but the two that mean an earlier text."""
    corpus: list[Provision] = []
    for name in ("service-2025-01-01", "travel-2025-07-01", "work-rules-2024-07-01"):
        corpus += parsed(SAMPLES / f"{name}.pdf").provisions
    found = [(p, c) for p, citations in zip(corpus, find_citations(corpus), strict=True) for c in citations]
    assert len(found) >= 40
    assert [p.text[c.start - 4 : c.start] for p, c in found if c.fate != "resolved"] == ["종전의 ", "종전의 "]
    other = [c.ids for p, c in found if p.regulation_title == "여비규정" and p.number == "22"]
    assert other == [("work-rules-2024-07-01/body/66",), ("work-rules-2024-07-01/body/68",)]
