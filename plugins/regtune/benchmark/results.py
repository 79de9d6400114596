"""The records of a benchmark: answers.jsonl, verdicts.jsonl and benchmark.json; and labels.jsonl, which people write.

In: nothing. Out: frozen pydantic models and the list of metrics. Light: publish reads them without numpy or torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict

from regtune.contracts import Contract, FileRecord, QAType

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


class Scores(Contract):
    """What is known of an answer without a judge; see scores.py for the definitions."""

    correct: bool
    absent: bool
    """The answer says that the regulations hold no such rule."""
    refused: bool
    """The answer says that it cannot answer, and nothing else."""
    quantities_right: bool | None
    """Null for a negative, and when the reference answer has no quantity beyond the question's."""
    missing_quantities: tuple[str, ...]
    """Of the reference answer, as printed there, that the answer lacks or states of another case."""
    unsupported_quantities: tuple[str, ...]
    """Of the answer, that neither reference answer, question nor article holds."""
    contradicting_quantities: tuple[str, ...]
    """Of the answer, that the article holds for another case, stated as if for this one."""
    missing_conditions: tuple[str, ...]
    """Provisos and conditions of the reference answer that the answer leaves out."""
    has_conditions: bool
    """The reference answer has any beyond the question's."""
    invented: tuple[str, ...]
    """Sentences and benefits of the answer that nothing supports."""
    reversed_claims: tuple[str, ...]
    """What the answer allows and the reference answer or the article forbids, or the reverse."""
    article_right: bool | None
    """Every citation names the right article and regulation; null when the answer cites no article."""
    korean: bool
    content_recall: float
    """Share of the content words that the reference answer adds to the question, found in the answer."""
    characters: int


class Answer(Contract):
    """One system's answer to one question: a row of answers.jsonl."""

    qa_id: str
    article: str = ""
    """`<regulation_id>:<article>` that the question was made from: the unit of the bootstrap."""
    system: SystemName
    answer: str
    failure: str | None
    """Why there is no answer; such a row is in no score, and is counted."""
    truncated: bool
    """Ended by benchmark.max_new_tokens."""
    tokens: int
    """Of the answer, by the system's own tokenizer."""
    seconds: float
    """Wall time of its batch divided by the batch's rows, or of its request. Latency is measured apart."""
    scores: Scores | None = None
    """Null for a failure."""


class Verdict(Contract):
    """One opinion of the judge: a row of verdicts.jsonl."""

    kind: Literal["rating", "pairwise"]
    qa_id: str
    system: SystemName
    """Whose answer is rated, or stands as A."""
    opponent: SystemName | None
    """Whose answer stands as B."""
    correctness: int | None = None
    completeness: int | None = None
    groundedness: int | None = None
    winner: SystemName | Literal["tie"] | None = None
    reason: str = ""
    """The judge's words; untrusted."""
    attempts: int
    unscored: str | None
    """Why no verdict could be had after benchmark.judge_attempts; such a row is in no score, and is counted."""
    request_sha256: str
    """Of the last request."""


class Estimate(Contract):
    """A mean with its 95% interval by bootstrap over articles."""

    value: float
    low: float
    high: float
    rows: int
    articles: int


class Score(Contract):
    """One metric of one system."""

    system: SystemName
    metric: str
    estimate: Estimate


class Difference(Contract):
    """One metric of two systems on the rows that both have, `system` minus `baseline`."""

    system: SystemName
    baseline: SystemName
    metric: str
    estimate: Estimate
    shown: bool
    """The interval excludes zero. Where it does not, nothing may be said of the difference but that it is not shown."""
    better: bool | None
    """Null when not shown."""
    mcnemar_p: float | None
    """Exact, two-sided, for a pass/fail metric."""


class Comparison(Contract):
    """Pairwise verdicts of two systems, each question judged in both orders."""

    system: SystemName
    opponent: SystemName
    wins: int
    losses: int
    ties: int
    """The judge called it a tie, or its two orders disagreed."""
    disagreements: int
    """Of the ties: the winner changed with the order."""
    unscored: int
    win_rate: Estimate | None
    """(wins + ties / 2) / all. Null when nothing was scored."""
    shown: bool
    """The interval excludes one half."""
    consistency: Estimate | None = None
    """Share of the questions on which both orders gave one verdict."""
    controlled: Estimate | None = None
    """Win rate at equal length and without the advantage of a place, by logistic regression (preference.py)."""
    controlled_shown: bool = False
    extrapolated: bool = False
    """Hardly any question has the longer answer on one of the two sides: equal length is outside of what was seen."""
    decided: Estimate | None = None
    """Win rate among the questions on which both orders name one winner; null without one."""
    if_unscored_lost: float | None = None
    """Win rate if every unscored question were lost; null when nothing is unscored."""
    if_unscored_won: float | None = None
    longer_by: Estimate | None = None
    """Characters by which the system's answers are longer, on average."""
    tells: bool = True
    """False: the judge called every pair a tie, or its two orders agree less often than a coin's would."""


class Slice(Contract):
    """The primary metric on a part of the rows."""

    dimension: Literal["type", "regulation", "article_seen", "set", "revision"]
    part: str
    scores: tuple[Score, ...]
    gain: Difference | None
    """tuned minus base."""


class Speed(Contract):
    """One concurrency."""

    concurrency: int
    requests: int
    failed: int
    latency_p50_seconds: float | None
    """Of a whole answer; of the batch where answers are made in batches. Null when every request failed."""
    latency_p95_seconds: float | None
    tokens_per_second: float | None
    """Of all answers together."""
    joules_per_answer: float | None = None
    """Of the GPUs in use; null where the driver does not tell, and for an endpoint elsewhere."""


class Efficiency(Contract):
    """What a system costs, measured with the benchmark's own questions."""

    system: SystemName
    device: str
    speeds: tuple[Speed, ...]
    first_token_p50_seconds: float | None
    """At concurrency 1; null where it was not measured."""
    load_seconds: float | None
    peak_memory_bytes: int | None
    memory_kind: Literal["gpu_peak_allocated", "gpu_card_used", "process_peak_rss", "not_measured"]
    """gpu_card_used: all of the card that is taken, a server's reserve for its cache included."""
    model_memory_bytes: int | None = None
    """What loading the weights took on the GPU, where the server's log says so."""
    cache_memory_bytes: int | None = None
    """Of peak_memory_bytes: what the server keeps for the conversations it may hold, by its log."""
    weights_bytes: int | None
    weights_from: Literal["disk", "configuration", "unknown"]
    correct_per_gib: float | None
    """Primary metric (0-1) for each GiB of weights."""
    correct_per_second: float | None = None
    """Primary metric (0-1) for each second of the median answer, one at a time."""


class SystemSummary(Contract):
    """Who answered."""

    name: SystemName
    title: str
    model: str
    stand_in: bool
    rows: int
    failures: int
    truncated: int
    ratings_unscored: int
    mean_tokens: float


class Example(Contract):
    """A question of the report; the answers and reasons are in answers.jsonl and verdicts.jsonl."""

    qa_id: str
    why: Literal["gained", "lost", "both_wrong", "both_right"]


class Label(BaseModel):
    """What a person says of one answer: a line of labels.jsonl. Other fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    qa_id: str
    system: SystemName
    correct: bool
    """Whether a colleague who relies on the answer does the right thing."""


class CorrectedRate(Contract):
    """The judge's pass rate of a system, as it is and corrected for the errors that the labels show."""

    system: SystemName
    judged: Estimate
    corrected: Estimate
    labels: int
    """Of this system's answers."""
    own_labels: bool
    """By these alone, whatever the judge leans to; else by those of all systems, as if it erred alike on each."""
    sensitivity: Estimate | None
    """Of this system's answers; beside the other systems' it tells whether the judge is kinder to one."""
    specificity: Estimate | None


class CorrectedDifference(Contract):
    """Corrected pass rates of two systems, `system` minus `baseline`."""

    system: SystemName
    baseline: SystemName
    estimate: Estimate
    shown: bool
    own_labels: bool
    """Of both systems."""


class Agreement(Contract):
    """The judge beside people; a pass of the judge is a correctness of `PASS_GRADE` or more."""

    labels: int
    articles: int
    kappa: Estimate | None
    """Cohen's; null when people or the judge gave one verdict throughout."""
    sensitivity: Estimate | None
    """Of answers that people call right, those that the judge passes."""
    specificity: Estimate | None
    deterministic_kappa: Estimate | None
    """Of the metric `correct` with people."""
    corrected: tuple[CorrectedRate, ...]
    """Empty when the judge tells right from wrong no better than chance on the labels, and no system has enough."""
    differences: tuple[CorrectedDifference, ...] = ()


PASS_GRADE = 4


class Benchmark(Contract):
    """benchmark.json."""

    run_name: str
    as_of: date
    headline: str
    """One Korean sentence, made from the measured figures."""
    stand_ins: tuple[str, ...]
    """Models that stood in for real ones; figures of such a run say nothing about real models."""
    warnings: tuple[str, ...]
    """Korean: what weakens the result, e.g. a judge of the generator's family."""
    test_rows: int
    pool_rows: int
    rows_by_type: dict[QAType, int]
    articles: int
    systems: tuple[SystemSummary, ...]
    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    comparisons: tuple[Comparison, ...]
    agreement: Agreement | None = None
    """Null without labels.jsonl."""
    slices: tuple[Slice, ...]
    efficiency: tuple[Efficiency, ...]
    examples: tuple[Example, ...]
    unscored_verdicts: int
    ratings_tell: bool = True
    """False: the judge gave (nearly) every answer the same grade; its grades are then no result."""
    judge_model: str
    judge_tokens: dict[str, int]
    inputs: dict[str, FileRecord]
    seed: int
    bootstrap_samples: int

    def score(self, system: str, metric: str) -> Estimate | None:
        """Return one figure, None when it was not measured."""
        found = (s.estimate for s in self.scores if s.system == system and s.metric == metric)
        return next(found, None)

    def difference(self, system: str, baseline: str, metric: str) -> Difference | None:
        """Return one paired difference, None when it was not measured."""
        found = (d for d in self.differences if (d.system, d.baseline, d.metric) == (system, baseline, metric))
        return next(found, None)
