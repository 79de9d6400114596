"""A negative that names its topic in the words of an article is held against that article."""

import pytest

pytest.importorskip("konlpy", reason="the scheduler's environment has no tagger")

from regtune.contracts import Chunk
from regtune.korean.morphology import tagger_named
from regtune.qa.corpus import Corpus
from regtune.qa.denied_topic import place_of_the_denied

ARTICLES = {
    "제3조(수당)": "① 통역 자격을 가진 승무원에게는 통역수당 월 4만원을 지급한다.",
    "제7조(승선)": "① 해양경찰청이 출항통제를 발령한 해역에는 선박을 보낼 수 없다.",
    "제9조(위원회)": "① 안전위원회의 위원은 분기마다 회의를 연다.",
}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Three articles of a shipping line."""
    chunks = [
        Chunk(
            chunk_id=article,
            regulation_id="line",
            regulation_title="해운 규정",
            article=article,
            path=(article,),
            text=f"{article} {text}",
            token_count=0,
            page_first=1,
            page_last=1,
            text_sha256="",
        )
        for article, text in ARTICLES.items()
    ]
    return Corpus(chunks, tagger_named("komoran"))


@pytest.mark.parametrize(
    ("question", "answer", "chunk_id"),
    [
        pytest.param(
            "통역 자격증을 가진 승무원은 돈을 더 받나요?",
            "통역 자격에 따른 수당은 정해져 있지 않습니다.",
            "제3조(수당)",
            id="denied-in-words-of-an-article",
        ),
        pytest.param(
            "통역 자격증을 가진 승무원은 돈을 더 받나요?", "규정에 없습니다.", "", id="denies-nothing-by-name"
        ),
        pytest.param(
            "안전위원회의 위원은 몇 명인가요?",
            "안전위원회 위원의 수는 규정에 없습니다.",
            "",
            id="the-sentence-counts-no-people",
        ),
        pytest.param(
            "승무원이 휴게실에서 반려동물을 키워도 되나요?",
            "휴게실과 반려동물에 관한 규정은 없습니다.",
            "",
            id="not-regulated",
        ),
    ],
)
def test_the_article_that_holds_what_is_denied(corpus: Corpus, question: str, answer: str, chunk_id: str) -> None:
    """Two things denied that stand in one sentence are evidence; asked for a count, the sentence has to have one."""
    assert place_of_the_denied(corpus, question, answer) == chunk_id
