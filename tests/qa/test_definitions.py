"""Terms that a regulation defines and places that it refers to are read as what they stand for."""

import pytest

from regtune.qa.definitions import definitions_in, in_terms_of, meanings_in
from regtune.qa.references import place_of, referred
from regtune.qa.sentences import sentences_of

TEXTS = (
    "제2조(정의) 이 규정에서 사용하는 용어의 뜻은 다음과 같다.\n1. “교육담당부서”란 경영처 인재팀을 말한다.",
    "제3조(호칭) “상임이사”는 이하 “이사”라 한다.",
    "제8조(겸직) ① 직원은 원장(병원장을 말한다)의 허가를 받는다.",
)


def test_definitions_in_three_spellings() -> None:
    """`“X”란 Y를 말한다`, `“Y”는 이하 “X”라 한다` and `X(Y를 말한다)` define X."""
    assert definitions_in(TEXTS) == {"교육담당부서": "경영처 인재팀", "이사": "상임이사", "원장": "병원장"}


def test_an_answer_in_the_words_of_the_definition() -> None:
    """Who says 인재팀 where the article says 교육담당부서 names the same; a text that has both words is left alone."""
    definitions = definitions_in(TEXTS)
    article = "신청서를 교육담당부서에 제출한다."
    assert in_terms_of("경영처 인재팀에 냅니다.", article, definitions) == "교육담당부서에 냅니다."
    assert in_terms_of("인재팀에 냅니다.", "인재팀과 경영처 인재팀이 정한다.", definitions) == "인재팀에 냅니다."
    assert meanings_in(article, definitions) == "경영처 인재팀"


@pytest.mark.parametrize(
    ("article", "place"),
    [
        ("제9조", "제9조"),
        ("제9조의2(휴직)", "제9조의2"),
        ("별표 1", "별표1"),
        ("별표1(금액표)", "별표1"),
        ("부칙", "부칙"),
    ],
)
def test_place_of(article: str, place: str) -> None:
    """An article is found by its number, whatever stands beside it."""
    assert place_of(article) == place


def test_what_a_proviso_refers_to() -> None:
    """`제1항제2호의 경우` stands for that item; a paragraph that is merely named is not put in."""
    sentences = sentences_of(
        "제7조(공가) ① 다음 각 호의 경우 공가를 준다.\n1. 투표에 참가할 때\n2. 폭설로 출근할 수 없을 때\n"
        "② 공가는 전날까지 신청한다. 다만, 제1항제2호의 경우에는 사후에 신청할 수 있다.\n"
        "③ 제1항의 공가는 유급으로 한다."
    )
    proviso, last = sentences[-2], sentences[-1]
    articles = {"제7조": sentences}
    assert referred(proviso, "제7조", articles) == "폭설로 출근할 수 없을 때"
    assert referred(last, "제7조", articles) == ""


def test_another_article_is_looked_up_by_item() -> None:
    """`제5조제1항제1호에 따른 휴직` stands for that item of article 5."""
    held = sentences_of("제5조(휴직) ① 다음의 경우 휴직한다.\n1. 생사를 알 수 없을 때\n2. 유학을 갈 때")
    (sentence, *_) = sentences_of("제6조(기간) 1. 제5조제1항제1호에 따른 휴직: 3개월 이내")
    assert referred(sentence, "제6조", {"제5조": held}) == "생사를 알 수 없을 때"
