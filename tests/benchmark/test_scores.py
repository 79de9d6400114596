"""Claims about the deterministic scores."""

import pytest
from benchmark_samples import asked_of

from regtune.benchmark.rows import Scores
from regtune.benchmark.scores import score_answer
from regtune.config import PipelineConfig

LOOKUP = ("lookup", "본인 결혼 시 휴가는 며칠입니까?", "본인이 결혼하는 때에는 5일의 휴가를 줍니다.")
PROCEDURE = ("procedure", "경조휴가는 어떻게 신청합니까?", "3일 전까지 부서장에게 신청합니다.")
WORDS = ("lookup", "경조휴가는 누구에게 신청합니까?", "부서장에게 신청합니다.")
NEXT_MONTH = ("lookup", "보상휴가는 언제까지 신청합니까?", "다음 달 5일까지 신청합니다.")
PAID = ("lookup", "당직비는 얼마입니까?", "1회 7만원의 당직비를 지급합니다.")
TWO_FIGURES = (
    "lookup",
    "외출은 한 달에 몇 시간까지 할 수 있습니까?",
    "외출은 1회 2시간, 월 6시간을 초과할 수 없습니다.",
)
OF_SEVERAL = ("lookup", "팀장의 직책수당은 얼마입니까?", "직책수당은 본부장 60만원, 팀장 35만원입니다.")
HALF_PAID = ("lookup", "난임휴가는 유급입니까?", "최초 1일은 유급으로 하고 나머지는 무급으로 합니다.")
DECIDED = ("lookup", "누가 이월을 승인합니까?", "부서장을 거쳐 인사총무팀장이 승인합니다.")
NEGATIVE = ("negative", "반려동물 장례 휴가는 며칠입니까?", "없음. 규정에 해당 내용이 없습니다.")


def scored(kind: tuple[str, str, str], answer: str, config: PipelineConfig) -> Scores:
    """Score an answer to one of the questions above."""
    row = asked_of("q", *kind)
    return score_answer(answer, row.question, row.chunk, config.benchmark)


@pytest.mark.parametrize(
    ("kind", "answer", "correct"),
    [
        pytest.param(LOOKUP, "5일입니다.", True, id="right but terse"),
        pytest.param(LOOKUP, "닷새의 휴가를 받습니다.", True, id="the same value in other words"),
        pytest.param(LOOKUP, "본인 결혼 시 5일이며, 신청은 3일 전까지 합니다.", True, id="more of the article"),
        pytest.param(LOOKUP, "본인이 결혼하는 때에는 7일의 휴가를 줍니다.", False, id="wrong number"),
        pytest.param(LOOKUP, "7일이 아니라 5일입니다.", False, id="a foreign number denied is still one"),
        pytest.param(LOOKUP, "5일이 아니라 3일입니다.", False, id="the right number denied"),
        pytest.param(LOOKUP, "부서장에게만 5일의 휴가를 줍니다.", False, id="limited to people of another sentence"),
        pytest.param(LOOKUP, "5일이며 신청은 필요 없습니다.", False, id="a step of the article waived"),
        pytest.param(LOOKUP, "5일의 휴가와 축하금 50만원을 줍니다.", False, id="right and an invented benefit"),
        pytest.param(LOOKUP, "없음. 규정에 해당 내용이 없습니다.", False, id="false absence"),
        pytest.param(LOOKUP, "Five days, that is 5일, of paid leave for a wedding.", False, id="not Korean"),
        pytest.param(LOOKUP, "", False, id="empty"),
        pytest.param(WORDS, "부서장에게 신청하여야 합니다.", True, id="no quantity, right words"),
        pytest.param(WORDS, "대표이사가 정하는 바에 따릅니다.", False, id="no quantity, other words"),
        pytest.param(PROCEDURE, "휴가 3일 전까지 부서장에게 신청하면 됩니다.", True, id="procedure whole"),
        pytest.param(PROCEDURE, "3일입니다.", False, id="procedure with the number alone"),
        pytest.param(PROCEDURE, "3일 후까지 부서장에게 신청합니다.", False, id="procedure with the sides swapped"),
        pytest.param(NEXT_MONTH, "익월 5일까지입니다.", True, id="the same month by another name"),
        pytest.param(NEXT_MONTH, "다음 주 5일까지 신청합니다.", False, id="a week for a month"),
        pytest.param(NEXT_MONTH, "5일까지 신청합니다.", False, id="of which month is left out"),
        pytest.param(NEXT_MONTH, "다음 달 5일부터 신청합니다.", False, id="from for until"),
        pytest.param(PAID, "1회 7만원을 받습니다.", True, id="received for paid"),
        pytest.param(PAID, "1회 7만원의 당직비를 공제합니다.", False, id="taken for paid"),
        pytest.param(TWO_FIGURES, "월 6시간입니다.", True, id="the one figure that is asked for"),
        pytest.param(TWO_FIGURES, "1회 2시간입니다.", False, id="the other figure alone"),
        pytest.param(OF_SEVERAL, "35만원입니다.", True, id="the figure of the one who is asked about"),
        pytest.param(OF_SEVERAL, "60만원입니다.", False, id="the figure of another one"),
        pytest.param(HALF_PAID, "최초 1일은 무급으로 하고 나머지는 유급으로 합니다.", False, id="opposites swapped"),
        pytest.param(DECIDED, "인사총무팀장을 거쳐 대표이사가 승인합니다.", False, id="another one decides"),
        pytest.param(NEGATIVE, "없음", True, id="absence in a word"),
        pytest.param(NEGATIVE, "사내 규정에 정해진 바가 없습니다.", True, id="absence in a sentence"),
        pytest.param(NEGATIVE, "1일의 휴가를 받습니다.", False, id="a negative answered"),
        pytest.param(NEGATIVE, "규정에 없음. 다만 통상 2일입니다.", False, id="absence and an invention"),
        pytest.param(NEGATIVE, "없음. 반려동물 장례 휴가는 5일입니다.", False, id="absence and another case's figure"),
        pytest.param(NEGATIVE, "없음. 다만 반려동물 장례 시 5일의 휴가를 줍니다.", False, id="absence, then a grant"),
        pytest.param(
            NEGATIVE, "규정에 없습니다. 그러나 관행상 휴가를 쓸 수 있습니다.", False, id="absence, then a may"
        ),
        pytest.param(NEGATIVE, "규정에는 없으나 관행상 휴가를 쓸 수 있습니다.", False, id="both in one sentence"),
        pytest.param(NEGATIVE, "없음. 부서장의 승인을 받아야 합니다.", False, id="absence, then a must"),
        pytest.param(NEGATIVE, "없음. 다만 유급휴가를 줍니다.", False, id="absence, then a benefit without a figure"),
        pytest.param(NEGATIVE, "없음. 주식회사 늘봄 넘게 향 훈련", False, id="absence, then gibberish"),
        pytest.param(NEGATIVE, "없음. 바다는 파랗고 하늘은 높습니다.", False, id="absence, then something else"),
        pytest.param(NEGATIVE, "없음. 총무 담당자가 준비해 둡니다.", False, id="absence, then a service"),
        pytest.param(NEGATIVE, "없음. 퇴직한 직원의 근로시간은 정하고 있지 않습니다.", False, id="another absence"),
        pytest.param(LOOKUP, "5일의 휴가와 축\u200b하\u200b금을 줍니다.", False, id="a benefit hidden by zero width"),
        pytest.param(NEGATIVE, "없음. 다만 5\u200b일의 휴가를 줍\u200b니다.", False, id="absence, then a hidden grant"),
        pytest.param(NEGATIVE, "없음. 그러나 부서장이 재량으로 허락해 왔음.", False, id="absence, then a custom"),
        pytest.param(NEGATIVE, "없음. There is such a leave.", False, id="absence, then another language"),
        pytest.param(NEGATIVE, "없음. 자세한 사항은 인사팀에 문의할 수 있습니다.", True, id="absence and an address"),
        pytest.param(NEGATIVE, "반려동물 장례 휴가를 받을 수 있다는 규정은 없습니다.", True, id="a may that is denied"),
        pytest.param(
            NEGATIVE, "규정에 명시되어 있지 않으므로 휴가를 받을 수 없습니다.", True, id="absence and its result"
        ),
        pytest.param(NEGATIVE, "관련 규정을 찾지 못했습니다.", True, id="no rule found"),
        pytest.param(NEGATIVE, "규정에서 확인할 수 없는 사항입니다.", True, id="cannot be confirmed"),
        pytest.param(NEGATIVE, "그러한 휴가는 없습니다.", True, id="no such leave"),
        pytest.param(NEGATIVE, "아니요, 없습니다.", True, id="no, there is none"),
        pytest.param(NEGATIVE, "명문 규정이 부재합니다.", True, id="absent in a Chinese word"),
    ],
)
def test_correct(kind: tuple[str, str, str], answer: str, correct: bool, config: PipelineConfig) -> None:  # noqa: FBT001
    """An answer passes when its figures, its 없음 and its words are right, and no other one passes."""
    assert scored(kind, answer, config).correct is correct


def test_what_is_wrong_is_named(config: PipelineConfig) -> None:
    """The scores name the quantity that lacks and the one that nothing supports."""
    scores = scored(LOOKUP, "9일의 휴가를 줍니다.", config)
    assert (scores.missing_quantities, scores.unsupported_quantities) == (("5일",), ("9일",))


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        pytest.param("5일입니다.", None, id="cites nothing"),
        pytest.param("제15조에 따라 5일입니다.", True, id="its own article"),
        pytest.param("제15조의2에 따라 5일입니다.", False, id="a branch of it"),
        pytest.param("제15조와 제40조에 따라 5일입니다.", False, id="one of two is foreign"),
    ],
)
def test_citation(answer: str, right: bool | None, config: PipelineConfig) -> None:  # noqa: FBT001
    """A citation is right when every article that is cited is the row's or is named there."""
    assert scored(LOOKUP, answer, config).article_right is right


def test_a_negative_has_no_share_in_the_quantity_rate(config: PipelineConfig) -> None:
    """An invented figure on a negative counts in `correct`, not in the rate of right quantities."""
    assert scored(NEGATIVE, "2일입니다.", config).quantities_right is None


@pytest.mark.parametrize(
    ("answer", "recall"),
    [
        pytest.param("부서장에게 서면으로 신청합니다.", 1.0, id="a longer answer is not punished"),
        pytest.param("부서장입니다.", 1.0, id="the question's words need not be repeated"),
        pytest.param("알 수 없는 말", 0.0, id="an unrelated one holds nothing"),
    ],
)
def test_content_recall_is_of_what_the_reference_adds(answer: str, recall: float, config: PipelineConfig) -> None:
    """Only the words that the reference answer adds to the question are looked for."""
    assert scored(WORDS, answer, config).content_recall == recall
