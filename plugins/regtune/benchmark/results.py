"""benchmark.json: what was estimated from the rows, with its intervals.

In: nothing. Out: frozen pydantic models. Light: publish reads them without numpy or torch.
"""

from datetime import date
from typing import Literal

from regtune.benchmark.metrics import SystemName
from regtune.contracts import Contract, FileRecord, QAType


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
    decided_shown: bool = False
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
    memory_kind: Literal["gpu_peak_allocated", "gpu_card_used", "process_peak_rss", "configuration", "not_measured"]
    """gpu_card_used: all of the card that is taken, a server's reserve for its cache included."""
    model_memory_bytes: int | None = None
    """What loading the weights took on the GPU, where the server's log says so."""
    cache_memory_bytes: int | None = None
    """Of peak_memory_bytes: what the server keeps for the conversations it may hold, by its log."""
    weights_bytes: int | None
    weights_from: Literal["disk", "configuration", "unknown"]
    stated: tuple[Literal["load", "energy"], ...] = ()
    """Of load_seconds and of joules_per_answer one at a time: those that configuration states, and nobody measured."""
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
