"""An answer is held against the place that its pair names as evidence, not against whatever of the chunk is alike."""

from pathlib import Path

import pytest

pytest.importorskip("konlpy", reason="the scheduler's environment has no tagger")

from regtune.config import load_config
from regtune.contracts import Chunk, QAPair
from regtune.qa.validate import check_pairs

SETTINGS = load_config(Path(__file__).resolve().parents[2] / "include" / "config" / "demo.yaml").validate_
TEXT = """① 시설의 사용은 사용일 5일 전까지 시설팀장의 승인을 받아야 한다. 다만, 체육관은 관리소장의 승인을 받는다.
② 사용료는 1시간당 2만원으로 하며, 예약을 취소한 사람에게는 돌려주지 아니한다.
③ 강당을 8시간 이상 빌리면 보증금 30만원, 8시간 미만이면 보증금 10만원을 받는다.
④ 열쇠를 잃어버린 사람은 문화팀장에게 알리고 교체 비용을 낸다.

| 구분 | 평일 | 휴일 |
|---|---|---|
| 강당 | 45,000원 | 90,000원 |
| 회의실 | 15,000원 | 20,000원 |"""
OTHER = "문화팀장은 행사 계획을 매년 1월에 총무국장에게 제출하고, 총무국장은 이를 검토한다."
APPROVAL = "시설의 사용은 사용일 5일 전까지 시설팀장의 승인을 받아야 한다."
FEE = "사용료는 1시간당 2만원으로 하며, 예약을 취소한 사람에게는 돌려주지 아니한다."


def _chunk(chunk_id: str, text: str) -> Chunk:
    return Chunk.model_validate(
        {
            "chunk_id": chunk_id,
            "regulation_id": "facility",
            "regulation_title": "시설 운영 규정",
            "article": chunk_id,
            "path": ("시설 사용",),
            "text": text,
            "token_count": 0,
            "page_first": 1,
            "page_last": 1,
            "text_sha256": "",
        }
    )


def _reasons(question: str, answer: str, evidence: str) -> tuple[str, ...]:
    pair = QAPair(
        qa_id="q",
        type="lookup",
        question=question,
        answer=answer,
        chunk_id="제3조",
        evidence=evidence,
        model="",
        prompt_sha256="",
        request_sha256="",
    )
    return check_pairs([pair], [_chunk("제3조", TEXT), _chunk("제9조", OTHER)], SETTINGS, [])[0].reasons


@pytest.mark.parametrize(
    ("question", "answer", "evidence"),
    [
        pytest.param(
            "시설을 쓰려면 누구의 승인을 언제까지 받나요?",
            "닷새 전까지 시설팀장의 승인을 받습니다.",
            APPROVAL,
            id="actor",
        ),
        pytest.param("예약을 취소해도 사용료를 돌려받나요?", "아니요, 돌려주지 않습니다.", FEE, id="denied"),
        pytest.param("시설을 3시간 쓰면 사용료는 얼마인가요?", "6만원입니다.", FEE, id="so many times"),
        pytest.param("강당을 휴일에 쓰면 얼마인가요?", "9만원입니다.", "| 강당 | 45,000원 | 90,000원 |", id="row"),
        pytest.param(
            "체육관을 쓰려면 누구의 승인을 받나요?",
            "관리소장의 승인을 받습니다.",
            f"{APPROVAL} 다만, 체육관은 관리소장의 승인을 받는다.",
            id="proviso in the span",
        ),
    ],
)
def test_a_paraphrase_of_its_evidence_passes(question: str, answer: str, evidence: str) -> None:
    """A pair whose answer says in other words what its evidence says is given no reason."""
    assert _reasons(question, answer, evidence) == ()


@pytest.mark.parametrize(
    ("question", "answer", "evidence", "reason"),
    [
        pytest.param(
            "시설을 쓰려면 누구의 승인을 받나요?",
            "문화팀장의 승인을 받습니다.",
            APPROVAL,
            "wrong_subject",
            id="neighbour",
        ),
        pytest.param(
            "시설을 쓰려면 누구의 승인을 받나요?",
            "총무국장의 승인을 받습니다.",
            APPROVAL,
            "wrong_subject",
            id="stranger",
        ),
        pytest.param(
            "예약을 취소한 사람도 사용료를 돌려받습니까?",
            "네, 예약을 취소하면 모두 환급합니다.",
            FEE,
            "polarity_flip",
            id="other predicate",
        ),
        pytest.param(
            "시설 사용 신청은 며칠 전까지 해야 하나요?", "30일 전까지입니다.", APPROVAL, "wrong_number", id="amount"
        ),
        pytest.param(
            "강당의 평일 사용료는 얼마인가요?",
            "15,000원입니다.",
            "| 강당 | 45,000원 | 90,000원 |",
            "wrong_number",
            id="another row",
        ),
        pytest.param(
            "체육관을 쓰려면 누구의 승인을 받나요?",
            "시설팀장의 승인을 받습니다.",
            APPROVAL,
            "missing_proviso",
            id="proviso",
        ),
        pytest.param(
            "강당을 휴일에 쓰면 얼마인가요?",
            "45,000원입니다.",
            "| 강당 | 45,000원 | 90,000원 |",
            "wrong_number",
            id="cell",
        ),
    ],
)
def test_what_turns_its_evidence_round_is_found(question: str, answer: str, evidence: str, reason: str) -> None:
    """Another office, the contrary, another amount or the rule in place of its proviso is found for that reason."""
    assert reason in _reasons(question, answer, evidence)


@pytest.mark.parametrize(
    "answer",
    [
        "그 점은 규정에 쓰여 있지 않아 답변드리기 어렵습니다.",
        "빌려주는 품목 중에 프로젝터는 없습니다. 그에 관한 규정도 찾을 수 없습니다.",
        "프로젝터를 다룬 조항은 없어요. 총무국에 여쭤보시는 편이 빠릅니다.",
    ],
)
def test_a_negative_that_says_none_in_everyday_words_passes(answer: str) -> None:
    """To say that a thing is not there, or whom to ask, beside 없음 states no rule."""
    pair = QAPair(
        qa_id="q",
        type="negative",
        question="프로젝터는 몇 대까지 빌려주나요?",
        answer=answer,
        chunk_id="제3조",
        evidence=None,
        model="",
        prompt_sha256="",
        request_sha256="",
    )
    assert check_pairs([pair], [_chunk("제3조", TEXT), _chunk("제9조", OTHER)], SETTINGS, [])[0].reasons == ()
