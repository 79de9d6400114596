"""An amount that follows from the question's and the article's is right; one that does not is not."""

from pathlib import Path

import pytest

pytest.importorskip("konlpy", reason="the scheduler's environment has no tagger")

from regtune.config import load_config
from regtune.contracts import Chunk, QAPair
from regtune.qa.validate import check_pairs

SETTINGS = load_config(Path(__file__).resolve().parents[2] / "include" / "config" / "demo.yaml").validate_
STUDY = "해외연수를 한 직원은 연수기간의 2배에 해당하는 기간을 근무하여야 한다."
CREDIT = "파견 기간은 2분의 1을 경력에 산입한다."
RATE = "이자율은 연 4퍼센트로 하되, 자녀가 2명 이상인 직원에게는 0.5퍼센트포인트를 낮춘다."
CREW = "점검반은 반장 1명과 반원 3명으로 구성한다."
VISITS = "창고는 분기마다 점검하여야 한다."
TENURE = "안식휴가는 7년 이상 근속한 직원이 사용할 수 있다."
PAYDAY = "수당은 다음 달 12일에 지급한다. 신청은 사유가 생긴 날부터 2개월 이내에 하여야 한다."
POINTS = "기본점수는 400점으로 하고, 근속 1년당 15점을 더하여 배정한다."
TUITION = "학비는 연 1회 지원하며, 등록금 납부일부터 20일 이내에 신청하여야 한다. 학기 시작 전에는 신청할 수 없다."
RETIRED = "생일이 1월부터 6월 사이에 있으면 6월 30일에, 7월부터 12월 사이에 있으면 12월 31일에 퇴직한다."
OLD_MONTHS = "휴양 기간은 5월을 초과하지 아니하는 범위에서 정한다."
RENEWED = "외부위원의 임기는 3년으로 하며, 한 차례만 연임할 수 있다."


@pytest.mark.parametrize(
    ("article", "question", "right", "wrong"),
    [
        pytest.param(STUDY, "연수를 1년 다녀오면 얼마 동안 근무해야 하나요?", "2배인 2년", "2배인 3년", id="multiple"),
        pytest.param(
            CREDIT, "1년 파견은 경력에 얼마나 들어가나요?", "절반인 6개월", "절반인 8개월", id="half-of-a-year"
        ),
        pytest.param(
            RATE,
            "자녀가 둘인 직원의 이자율은 몇 %인가요?",
            "연 4%에서 0.5%포인트를 낮춘 3.5%",
            "연 4%에서 0.5%포인트를 낮춘 3.2%",
            id="points-less",
        ),
        pytest.param(
            CREW,
            "점검반은 몇 명인가요?",
            "반장 1명에 반원 3명, 모두 네 명",
            "반장 1명에 반원 3명, 모두 여섯 명",
            id="total",
        ),
        pytest.param(VISITS, "창고는 얼마나 자주 점검하나요?", "석 달에 한 번", "두 달에 한 번", id="named-period"),
        pytest.param(
            TENURE, "5년 다닌 직원도 안식휴가를 쓸 수 있나요?", "아니요, 7년 이상", "아니요, 9년 이상", id="unmet"
        ),
        pytest.param(
            POINTS,
            "근속 4년인 직원의 점수는 모두 몇 점인가요?",
            "기본 400점에 60점을 더한 460점",
            "기본 400점에 70점을 더한 470점",
            id="for-each-year",
        ),
        pytest.param(
            TUITION,
            "학비는 언제까지 신청하나요?",
            "등록금을 납부한 날부터 20일 이내",
            "학기 시작일부터 20일 이내",
            id="counted-from",
        ),
        pytest.param(RETIRED, "9월생인 직원은 언제 퇴직하나요?", "12월 31일", "6월 30일", id="month-between"),
        pytest.param(
            OLD_MONTHS, "휴양 기간은 최대 얼마인가요?", "최대 다섯 달", "최대 여섯 달", id="month-as-a-period"
        ),
        pytest.param(
            RENEWED,
            "외부위원은 최장 몇 년 일하나요?",
            "한 번 연임하면 최장 6년",
            "한 번 연임하면 최장 9년",
            id="two-terms",
        ),
        pytest.param(PAYDAY, "수당은 며칠 안에 신청하나요?", "2개월 이내", "12일 이내", id="day-of-a-month"),
    ],
)
def test_what_follows_passes_and_what_does_not_fails(article: str, question: str, right: str, wrong: str) -> None:
    """A share, a sum, a difference in points, a named period, a bound that is not met: worked out, not looked up."""
    chunk = Chunk.model_validate(
        {
            "chunk_id": "c",
            "regulation_id": "r",
            "regulation_title": "복무규정",
            "article": "제3조",
            "path": ["제3조(기준)"],
            "text": f"제3조(기준) {article}",
            "token_count": 0,
            "page_first": 1,
            "page_last": 1,
            "text_sha256": "",
        }
    )
    rest = {"type": "lookup", "chunk_id": "c", "model": "", "prompt_sha256": "", "request_sha256": "", "evidence": None}
    pairs = [
        QAPair.model_validate({"qa_id": name, "question": question, "answer": f"{answer}입니다.", **rest})
        for name, answer in (("right", right), ("wrong", wrong))
    ]
    checks = {check.qa_id: check.reasons for check in check_pairs(pairs, [chunk], SETTINGS, [])}
    assert checks["right"] == ()
    assert set(checks["wrong"]) & {"wrong_number", "wrong_unit_or_period"}
