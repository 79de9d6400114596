"""Claims about who is told or handed something by an answer, and about steps and duties that it takes away."""

import pytest
from benchmark_samples import asked_of

from regtune.benchmark.scores import score_answer
from regtune.config import PipelineConfig

LEAVE = asked_of("leave", "procedure", "경조휴가는 어떻게 신청합니까?", "3일 전까지 부서장에게 신청합니다.")
NOTE = asked_of(
    "note",
    "lookup",
    "병가에 진단서는 언제 내나요?",
    "병가가 7일을 초과하는 때에는 진단서를 인사총무팀에 제출하여야 합니다.",
    "제16조",
)
DAYS = asked_of("days", "lookup", "본인 결혼 시 휴가는 며칠입니까?", "본인이 결혼하는 때에는 5일의 휴가를 줍니다.")
LATE = asked_of(
    "late",
    "lookup",
    "사전에 신청할 수 없으면 언제까지 알립니까?",
    "사전에 신청할 수 없는 직원은 시업 시각 후 30분 이내에 부서장에게 전화로 알려야 합니다.",
)
ASKED = {"leave": LEAVE, "note": NOTE, "days": DAYS, "late": LATE}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("leave", "3일 전까지 인사총무팀에 신청합니다.", id="a department for the head of one's own"),
        pytest.param("note", "7일을 초과하면 진단서를 부서장에게 제출합니다.", id="a head for a department"),
        pytest.param("late", "30분 이내에 인사총무팀에 알립니다.", id="somebody else told"),
        pytest.param("leave", "3일 전까지 부서장의 결재 없이 신청합니다.", id="without a step that no text leaves out"),
        pytest.param("late", "30분 이후에 알립니다.", id="after for within, both after a time of day"),
        pytest.param("late", "30분 이내에 알리지 않아도 됩니다.", id="no need to, where one must"),
        pytest.param("days", "네, 5일의 휴가를 쓸 수 없습니다.", id="the days are not to be used"),
    ],
)
def test_a_wrong_addressee_or_a_duty_taken_away_is_wrong(question: str, answer: str, config: PipelineConfig) -> None:
    """The figure is right, and whoever follows the answer does the wrong thing."""
    row = ASKED[question]
    assert not score_answer(answer, row.question, row.chunk, config.benchmark).correct


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("leave", "3일 전까지 소속 팀장에게 신청합니다.", id="the head by another name"),
        pytest.param(
            "leave", "3일 전까지 부서장에게 신청합니다. 궁금하면 인사팀에 연락해 주세요.", id="an address to ask at"
        ),
        pytest.param("note", "7일을 초과하면 진단서를 인사팀에 냅니다.", id="the department in short"),
        pytest.param(
            "note", "7일을 초과하면 부서장에게 확인을 받아 진단서를 인사총무팀에 제출합니다.", id="passed before"
        ),
        pytest.param("late", "시업 시각 후 30분 이내에 부서장에게 전화합니다.", id="another verb"),
        pytest.param("days", "5일의 휴가를 쓸 수 있습니다.", id="the days are to be used"),
        pytest.param("days", "5일입니다. 5일을 초과하여 쓸 수 없습니다.", id="a bound is no denial"),
    ],
)
def test_the_same_addressee_in_other_words_is_right(question: str, answer: str, config: PipelineConfig) -> None:
    """A short name, a title of the same person, a remark on whom to ask."""
    row = ASKED[question]
    assert score_answer(answer, row.question, row.chunk, config.benchmark).correct
