"""Reasons as people read them in a mail: the package's own messages, not copies of them."""

from collections import Counter
from datetime import date

import pytest
from airflow.sdk.exceptions import AirflowException
from opened_run import REGISTER

from regtune.errors import ConfigurationError, RegtuneError
from regtune.orchestration.alerts_reasons import in_korean
from regtune.orchestration.failures import LastWords, raise_for_exit_code
from regtune.qa.parts import split_pairs
from regtune.qa.shortage import Shortage, told
from regtune.regulations.register import load_register, sources_in_force


def test_a_short_quota_is_told_by_type_and_number() -> None:
    """The mail had the English line alone."""
    short = [
        Shortage("quota", "lookup", 3, 10, 25, Counter(ungrounded=9), 0),
        Shortage("evaluation_pool", "negative", 2, 5, 9, Counter(), 0),
    ]
    text = in_korean(told(short))
    assert "모자란 것: 조회형 10건 중 3건, 평가용 부정형 5건 중 2건." in text
    assert text.endswith(f"\n원문: {told(short)}")


def test_the_first_date_and_the_unknown_regulation_are_named() -> None:
    """What the message names is named in Korean too."""
    register = load_register(REGISTER)
    with pytest.raises(ConfigurationError) as early:
        sources_in_force(register, date(1999, 1, 1))
    assert in_korean(str(early.value)).startswith("그날 시행 중인 규정이 없습니다. 첫 시행일은 2024-01-01입니다.\n")
    with pytest.raises(ConfigurationError) as unknown:
        sources_in_force(register, date(2024, 1, 1), ["leave"])
    assert in_korean(str(unknown.value)).startswith("등록부에 없는 규정을 골랐습니다: leave\n")


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        pytest.param(137, "프로세스가 강제로 끝났습니다.", id="killed"),
        pytest.param(143, "프로세스가 신호를 받아 끝났습니다.", id="ended"),
        pytest.param(1, "예상하지 못한 오류입니다.", id="bug"),
    ],
)
def test_what_ended_a_command_is_told(exit_code: int, words: str) -> None:
    """A signal, or a bug."""
    with pytest.raises(AirflowException) as failure:
        raise_for_exit_code("train", exit_code, LastWords("KeyError: 'x'"))
    assert in_korean(str(failure.value)).startswith(words)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        pytest.param(
            "http://127.0.0.1:8000/v1: no reply (ConnectError); check the server", "모델 서버가 답", id="model"
        ),
        pytest.param("host 02: /base/x: arrived altered; try again.", "파일이 만들어졌을 때와 다릅니다", id="altered"),
        pytest.param("generate.quota.lookup: must be at least 0", "설정이 맞지 않습니다", id="setting"),
        pytest.param("something that nobody thought of", "아래 원문과 같습니다.", id="unknown"),
    ],
)
def test_every_other_reason_says_in_korean_what_to_do(reason: str, words: str) -> None:
    """And keeps its own line."""
    assert in_korean(reason).startswith(words)
    assert in_korean(reason).endswith(f"\n원문: {reason}")


def test_a_dataset_that_cannot_be_split_is_told() -> None:
    """As split says it."""
    with pytest.raises(RegtuneError) as failure:
        raise_for_split()
    assert in_korean(str(failure.value)).startswith("질문·답변을 학습·검증·시험으로 나눌 수 없습니다.")


def raise_for_split() -> None:
    """Ask for three parts of nothing."""
    from regtune.config import SplitConfig

    config = SplitConfig(train=8, validation=1, test=1, near_duplicate_similarity=0.9, same_question_similarity=0.9)
    split_pairs([], config, 0)


def test_a_korean_reason_stays_alone() -> None:
    """Nothing is said twice."""
    reason = "conf에 알 수 없는 키: skip. 쓸 수 있는 키: effective_date, regulations."
    assert in_korean(f"기준일이 없습니다. {reason}") == f"기준일이 없습니다. {reason}"
