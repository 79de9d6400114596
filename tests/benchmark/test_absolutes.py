"""Claims about absolutes beside the right figure, qualities that no text gives, and units that no text names."""

import pytest
from benchmark_samples import answer_of, asked_of, chunk_of

from regtune.benchmark.scores import score_answer
from regtune.benchmark.systems import Asked
from regtune.config import PipelineConfig

SICK = asked_of("sick", "lookup", "병가는 며칠인가요?", "병가는 연 30일 이내로 합니다.", "제16조")
WEDDING = asked_of("wedding", "lookup", "본인이 결혼하면 휴가는 며칠입니까?", "5일의 휴가를 줍니다.")
NOTE = asked_of("note", "lookup", "진단서는 어디에 냅니까?", "진단서를 인사총무팀에 제출하여야 합니다.", "제16조")
ASKED = {"sick": SICK, "wedding": WEDDING, "note": NOTE}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("sick", "병가는 무제한입니다. 30일", id="unlimited beside the limit"),
        pytest.param("sick", "연 30일이지만 한도가 없습니다.", id="no limit"),
        pytest.param("sick", "연 30일이며 사유와 관계없이 무조건 줍니다.", id="no condition"),
        pytest.param("wedding", "5일이며 유급입니다.", id="paid, where no text says so"),
        pytest.param("wedding", "5일의 무급휴가를 줍니다.", id="unpaid, where no text says so"),
        pytest.param("note", "인사총무팀이 아니라 재무팀에 제출합니다.", id="somebody else by name"),
        pytest.param("note", "제출처는 재무팀입니다.", id="a unit without a verb"),
    ],
)
def test_an_absolute_a_quality_or_a_unit_of_no_text_is_wrong(
    question: str, answer: str, config: PipelineConfig
) -> None:
    """The right figure beside it makes it no better."""
    row = ASKED[question]
    assert not score_answer(answer, row.question, row.chunk, config.benchmark).correct


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("sick", "연 30일 이내이며 무제한은 아닙니다.", id="unlimited denied"),
        pytest.param("sick", "제한 없이 쓸 수는 없고 연 30일 이내입니다.", id="no limit denied"),
        pytest.param("wedding", "5일입니다. 신청은 3일 전까지 부서장에게 합니다.", id="more of the article"),
        pytest.param("note", "진단서는 인사팀에 제출합니다.", id="the unit in short"),
        pytest.param("note", "인사총무팀에 제출합니다. 자세한 것은 총무팀에 문의해 주세요.", id="where to ask"),
    ],
)
def test_their_honest_neighbours_are_right(question: str, answer: str, config: PipelineConfig) -> None:
    """A denied absolute, the article's own words, a name in short."""
    row = ASKED[question]
    assert score_answer(answer, row.question, row.chunk, config.benchmark).correct


@pytest.mark.parametrize(
    ("text", "answer", "right"),
    [
        pytest.param(
            "제16조(병가) 병가는 연 30일 이내로 하며 무급으로 한다.", "연 30일이며 유급입니다.", False, id="turned"
        ),
        pytest.param(
            "제16조(병가) 병가는 연 30일 이내로 하며 무급으로 한다.", "연 30일이며 무급입니다.", True, id="told"
        ),
        pytest.param(
            "제16조(병가) 병가는 연 30일 이내로 하며 기본급의 70퍼센트를 지급한다.",
            "연 30일이며 유급입니다.",
            True,
            id="implied",
        ),
    ],
)
def test_a_quality_is_held_against_the_article_where_the_reference_answer_is_silent(
    text: str,
    answer: str,
    right: bool,  # noqa: FBT001
    config: PipelineConfig,
) -> None:
    """유급 for 무급 is wrong, 유급 for pay that goes on is right."""
    chunk = chunk_of("제16조").model_copy(update={"text": text})
    row = Asked(SICK.question, chunk, in_test=True, article_seen=False)
    assert answer_of(row, "tuned", answer, config).scores.correct is right  # type: ignore[union-attr]


def test_a_quality_in_a_clause_of_its_own_is_held_against_the_reference_answer(config: PipelineConfig) -> None:
    """`5일이며 무급입니다` passed beside `5일의 유급휴가`: its second clause has no word to tell what is unpaid."""
    pair = WEDDING.question.model_copy(update={"answer": "5일의 유급휴가를 줍니다."})
    row = Asked(pair, WEDDING.chunk, in_test=True, article_seen=False)
    wrong, right = (answer_of(row, "tuned", f"5일이며 {paid}입니다.", config).scores for paid in ("무급", "유급"))
    assert wrong is not None
    assert right is not None
    assert (wrong.correct, right.correct) == (False, True)


def test_a_duty_towards_a_unit_is_invented_where_no_text_names_any(config: PipelineConfig) -> None:
    """`재무팀에 신청하여야 합니다` is a step that no text has; `재무팀에 문의해 주세요` is none."""
    chunk = WEDDING.chunk.model_copy(update={"text": "제15조(경조휴가) 직원이 결혼하는 때에는 5일의 휴가를 준다."})
    row = Asked(WEDDING.question, chunk, in_test=True, article_seen=False)
    answers = ("5일이며 재무팀에 신청하여야 합니다.", "5일입니다. 재무팀에 문의해 주세요.")
    scores = [answer_of(row, "tuned", text, config).scores for text in answers]
    assert [one is not None and one.correct for one in scores] == [False, True]
