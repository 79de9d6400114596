"""Of several amounts of one kind in an article the one that a question asks for is told by its words and its case."""

from pathlib import Path

import pytest

pytest.importorskip("konlpy", reason="the scheduler's environment has no tagger")

from regtune.config import load_config
from regtune.contracts import Chunk, QAPair
from regtune.qa.validate import check_pairs

SETTINGS = load_config(Path(__file__).resolve().parents[2] / "include" / "config" / "demo.yaml").validate_
GIFTS = "부모가 사망한 경우에는 100만원을, 자녀가 결혼하는 경우에는 30만원을 지급한다."
RECORDS = "징계기록은 견책 1년, 감봉 3년, 정직 5년이 지나면 말소한다."
CHECKUPS = "만 40세 이상 직원에게 매년 1회, 만 40세 미만 직원에게 2년에 1회 건강검진을 실시한다."
SICK_PAY = "질병으로 휴직한 직원에게는 처음 3개월은 기본급의 70퍼센트, 그 후에는 기본급의 50퍼센트를 지급한다."
HOSPITAL = "연속하여 7일 이상 입원한 때에는 20만원, 30일 이상 입원한 때에는 50만원을 지급한다."
HOURS = "재택근무자는 9시부터 18시까지 근무하며, 10시부터 16시까지는 메신저에 접속해 있어야 한다."


@pytest.mark.parametrize(
    ("article", "question", "right", "wrong"),
    [
        pytest.param(GIFTS, "자녀가 결혼하면 얼마를 받나요?", "30만원", "100만원", id="enumeration"),
        pytest.param(RECORDS, "감봉 기록은 몇 년 뒤에 지워지나요?", "3년 뒤", "5년 뒤", id="shared-predicate"),
        pytest.param(
            CHECKUPS, "35세 직원의 건강검진은 얼마나 자주 받나요?", "2년에 1회", "매년 1회", id="rate-of-a-case"
        ),
        pytest.param(SICK_PAY, "질병휴직 5개월째 급여는 얼마인가요?", "기본급의 50%", "기본급의 70%", id="second-tier"),
        pytest.param(HOSPITAL, "한 달 넘게 입원하면 얼마를 받나요?", "50만원", "20만원", id="tightest-floor"),
        pytest.param(HOURS, "메신저에는 몇 시부터 접속해야 하나요?", "10시부터", "9시부터", id="predicate-after"),
    ],
)
def test_an_amount_of_the_same_article_is_told_from_the_right_one(
    article: str, question: str, right: str, wrong: str
) -> None:
    """The amount that the question asks for passes, and its neighbour is a wrong number."""
    chunk = Chunk.model_validate(
        {
            "chunk_id": "c",
            "regulation_id": "rules",
            "regulation_title": "복리후생규정",
            "article": "제5조",
            "path": ["제5조(기준)"],
            "text": f"제5조(기준) {article}",
            "token_count": 0,
            "page_first": 1,
            "page_last": 1,
            "text_sha256": "",
        }
    )
    pairs = [
        QAPair.model_validate(
            {
                "qa_id": name,
                "type": "lookup",
                "question": question,
                "answer": f"{answer}입니다.",
                "chunk_id": "c",
                "evidence": None,
                "model": "",
                "prompt_sha256": "",
                "request_sha256": "",
            }
        )
        for name, answer in (("right", right), ("wrong", wrong))
    ]
    reasons = {check.qa_id: check.reasons for check in check_pairs(pairs, [chunk], SETTINGS, [])}
    assert reasons["right"] == ()
    assert "wrong_number" in reasons["wrong"]
