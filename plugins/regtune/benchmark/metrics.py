"""Names that all of a benchmark's files share: the systems, the types of question, and the metrics with their bounds.

In: nothing. Out: constants. Light: publish and the operations page read them without numpy or torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

SystemName = Literal["base", "tuned", "reference", "base_open_book"]
SYSTEM_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "base": "튜닝 전 모델",
        "tuned": "튜닝한 모델",
        "reference": "비교용 대형 모델",
        "base_open_book": "튜닝 전 + 조문 제시",
    }
)
TYPE_TITLES: Mapping[str, str] = MappingProxyType({"lookup": "조회형", "procedure": "절차형", "negative": "부정형"})


@dataclass(frozen=True)
class Metric:
    """What is averaged over rows."""

    title: str
    low: float
    high: float
    higher_is_better: bool | None = True
    """None: neither; it is told, and no change of it is a gain."""

    @property
    def is_rate(self) -> bool:
        """Printed in per cent."""
        return self.high == 1.0


JUDGED = ("judge_correctness", "judge_completeness", "judge_groundedness")
"""The metrics that are the judge's grades."""
LONGEST_ANSWER = 4000.0
"""Characters: the bound of an interval where all answers are equally long."""
METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "correct": Metric("정답률", 0.0, 1.0),
        "absence_recognised": Metric("부정형: '없음' 인식률", 0.0, 1.0),
        "false_absence": Metric("조회·절차형: 잘못된 '없음'", 0.0, 1.0, higher_is_better=False),
        "refused": Metric("답변 거절", 0.0, 1.0, higher_is_better=False),
        "quantities_right": Metric("수량 일치율", 0.0, 1.0),
        "conditions_kept": Metric("조건·단서 유지율", 0.0, 1.0),
        "nothing_invented": Metric("지어낸 내용 없음", 0.0, 1.0),
        "article_right": Metric("조문 인용 정확도", 0.0, 1.0),
        "korean": Metric("한국어 답변율", 0.0, 1.0),
        "characters": Metric("답변 길이(글자)", 0.0, LONGEST_ANSWER, higher_is_better=None),
        "judge_correctness": Metric("판정: 정확성", 1.0, 5.0),
        "judge_completeness": Metric("판정: 완결성", 1.0, 5.0),
        "judge_groundedness": Metric("판정: 근거성", 1.0, 5.0),
    }
)
"""In the order of the report. A row on which a metric has no meaning (a citation where none is made) does not count."""
FEWEST_ARTICLES = 5
"""With fewer, a bootstrap over articles calls 9 to 70% of no differences shown: none is then."""
PRIMARY = "correct"
"""The metric of the headline and of the champion rule, chosen before anything is measured."""
PASS_GRADE = 4
