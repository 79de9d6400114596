"""Claims about what a denial denies: the thing that was asked for, in its words or others, or something else."""

import pytest
from benchmark_samples import asked_of

from regtune.benchmark.scores import score_answer
from regtune.config import PipelineConfig

PET = asked_of("pet", "negative", "반려동물 장례 휴가는 며칠입니까?", "없음. 규정에 해당 내용이 없습니다.")
FREELANCER = asked_of(
    "freelancer",
    "negative",
    "본사와 계약한 프리랜서 디자이너도 채용 시 제출 서류 적용을 받나요?",
    "없음. 본사와 계약한 프리랜서 디자이너에 대한 채용 시 제출 서류 적용은 취업규칙에 정해져 있지 않습니다.",
)
CAR = asked_of(
    "car",
    "negative",
    "업무용 차량을 주말에 빌리면 하루 대여료가 얼마인가요?",
    "없음. 업무용 차량의 대여료는 규정에 없습니다.",
)
ASKED = {"pet": PET, "freelancer": FREELANCER, "car": CAR}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("pet", "병가에 관한 규정은 없습니다.", id="another leave"),
        pytest.param("pet", "없음. 병가에 대해서는 취업규칙에 정해진 바가 없습니다.", id="behind 없음"),
        pytest.param("pet", "출산휴가는 취업규칙에 정해진 바가 없습니다.", id="another leave of the same last word"),
        pytest.param("pet", "통신비 지원에 관한 규정은 없습니다.", id="money for leave"),
        pytest.param("pet", "병가는 부여되지 않습니다.", id="another thing that is not given"),
        pytest.param("pet", "수습사원에게는 휴가가 부여되지 않습니다.", id="other people"),
        pytest.param("pet", "정규직이 아니면 반려동물 장례 휴가는 부여되지 않습니다.", id="given to the others"),
        pytest.param("pet", "반려동물 휴가에 일수 제한은 없습니다.", id="no limit"),
        pytest.param(
            "freelancer",
            "본사와 계약한 프리랜서 디자이너에 대한 복무규정 적용에 대해서는 취업규칙에 정해진 바가 없습니다.",
            id="another regulation for the same people",
        ),
        pytest.param(
            "freelancer",
            "본사와 계약한 프리랜서 디자이너의 연차휴가는 취업규칙에 정해진 바가 없습니다.",
            id="another right of the same people",
        ),
        pytest.param("freelancer", "사내 동호회 지원 제도에 대해서는 정해진 바가 없습니다.", id="another scheme"),
    ],
)
def test_a_denial_of_something_else_is_wrong(question: str, answer: str, config: PipelineConfig) -> None:
    """One word in common with the question does not make it an answer."""
    row = ASKED[question]
    assert not score_answer(answer, row.question, row.chunk, config.benchmark).correct


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param("pet", "반려동물 장례 휴가는 없습니다.", id="there is none"),
        pytest.param("pet", "반려동물 장례 휴가는 부여되지 않습니다.", id="not given"),
        pytest.param("pet", "경조휴가 대상에 반려동물은 포함되지 않습니다.", id="not among those of another leave"),
        pytest.param("pet", "반려동물의 죽음은 경조휴가 대상이 아닙니다.", id="no case of another leave"),
        pytest.param("pet", "애견 장례휴가는 규정에 없습니다.", id="another word for the animal"),
        pytest.param("pet", "동물 관련 휴가는 정해진 바가 없습니다.", id="something broader"),
        pytest.param("pet", "이런 복지는 규정에 없습니다.", id="something broader still"),
        pytest.param("pet", "안타깝게도 반려동물이 죽은 경우에 쉬는 규정은 없습니다.", id="in a clause"),
        pytest.param("freelancer", "프리랜서의 입사 서류에 관한 규정은 없습니다.", id="the same people in short"),
        pytest.param("freelancer", "프리랜서 디자이너는 적용 대상이 아닙니다.", id="not within its reach"),
        pytest.param("car", "렌트비는 규정에 정해져 있지 않습니다.", id="another word for the price"),
        pytest.param("car", "없음. 주말 대여나 그 요금은 사내 규정에서 찾을 수 없습니다.", id="a price of the same"),
    ],
)
def test_a_denial_of_the_same_in_other_words_is_right(question: str, answer: str, config: PipelineConfig) -> None:
    """Broader, shorter or in a synonym: it is the question's subject that is denied."""
    row = ASKED[question]
    assert score_answer(answer, row.question, row.chunk, config.benchmark).correct


def test_a_thing_that_is_not_given_is_a_rule_where_there_is_one(config: PipelineConfig) -> None:
    """On a question with an answer the same sentence is that answer, and no 없음."""
    row = asked_of("a", "lookup", "수습 기간에 결혼 휴가를 주나요?", "수습 기간에는 결혼 휴가를 주지 않습니다.")
    assert not score_answer("결혼 휴가는 부여되지 않습니다.", row.question, row.chunk, config.benchmark).absent
