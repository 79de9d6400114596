"""Whether a new adapter becomes champion: better than base, and not worse than the champion within a margin.

In: benchmark.json's record and answers of this run and of the champion's. Out: Ruling. Pure. By intervals: the lower
end of tuned minus base has to be above `min_gain`, and the lower end of tuned minus champion above `-margin`. The two
tuned models are compared question by question where they answered the same ones, else by their rates apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from regtune.benchmark.metrics import METRICS, PRIMARY
from regtune.benchmark.results import Benchmark, Difference, Estimate
from regtune.benchmark.rows import Answer
from regtune.benchmark.statistics import difference_estimate, excludes, is_judged, unpaired
from regtune.benchmark.wording import gain

MANY_FAILED = 0.05
"""Share of the tuned model's answers: failures are in no rate, so that the rest would speak for them."""
_SHARED = 0.5
"""Of this run's questions: fewer in common say little of the rest."""


@dataclass(frozen=True)
class Results:
    """What is known of one run."""

    benchmark: Benchmark
    answers: Sequence[Answer]
    """Empty when they are not at hand."""


@dataclass(frozen=True)
class Ruling:
    """The decision, and what it rests on."""

    decision: Literal["champion", "not_champion", "not_compared"]
    reason: str
    """Korean."""
    over_base: Difference | None
    over_champion: Difference | None
    """None when there is no champion, or it was not benchmarked."""
    paired: bool
    """over_champion is of the same questions."""

    def figures(self) -> dict[str, float | int | None]:
        """Return the differences with their intervals, for the asset event."""
        found: dict[str, float | int | None] = {}
        for name, difference in (("gain_over_base", self.over_base), ("gain_over_champion", self.over_champion)):
            if difference is not None:
                interval = difference.estimate
                found |= {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
        return found


def rule(this: Results, champion: Results | None, min_gain: float, margin: float) -> Ruling:
    """Decide on the adapter of a run.

    Args:
        this: of the run.
        champion: of the run whose adapter is champion; None when there is none. The run itself is no rival.
        min_gain: 0.02 asks for more than 2 points over base.
        margin: 0.03 lets the lower end of the interval against the champion fall to 3 points below it.
    """
    over_base = this.benchmark.difference("tuned", "base", PRIMARY)
    if over_base is None:
        reason = "튜닝한 모델과 튜닝 전 모델을 함께 평가하지 않아 승격을 판단하지 않았습니다."
        return Ruling("not_compared", reason, None, None, paired=False)
    if champion is not None and champion.benchmark.run_name == this.benchmark.run_name:
        champion = None
    over_champion, paired = (None, False) if champion is None else _against(this, champion)
    better = is_judged(over_base.estimate) and over_base.estimate.low > min_gain
    asked = f"기준: 95% 구간의 아래 끝이 {min_gain * 100:+.1f}%p보다 클 것"
    told = [f"튜닝 전 대비 {METRICS[PRIMARY].title} {gain(over_base)}({asked})"]
    kept = True
    if over_champion is not None:
        kept = is_judged(over_champion.estimate) and over_champion.estimate.low >= -margin
        how = "같은 문항" if paired else "서로 다른 문항"
        told.append(
            f"현재 챔피언 대비 {gain(over_champion)}({how}, 기준: 아래 끝이 {-margin * 100:+.1f}%p 이상)".replace(
                "-", "−"
            )
        )
    elif champion is not None:
        kept = False
        told.append("현재 챔피언의 정답률을 알 수 없어 견주지 못했습니다")
    lost = _failed(this.benchmark)
    if lost:
        told.append(lost)
    elif better and kept:
        mark = " 대역 모델의 수치이므로 실제 모델에는 뜻이 없습니다." if this.benchmark.stand_ins else ""
        return Ruling("champion", f"{'. '.join(told)}. 승격합니다.{mark}", over_base, over_champion, paired)
    why = "답변 실패의 기준" if lost else "챔피언보다 못하지 않다는 기준" if better else "튜닝 전보다 낫다는 기준"
    reason = f"{'. '.join(told)}. {why}에 미치지 못해 승격하지 않습니다."
    return Ruling("not_champion", reason, over_base, over_champion, paired)


def _failed(benchmark: Benchmark) -> str:
    """What to say of too many failures of the tuned model; empty when they are few."""
    tuned = next((system for system in benchmark.systems if system.name == "tuned"), None)
    if tuned is None or tuned.failures <= MANY_FAILED * tuned.rows:
        return ""
    return f"튜닝한 모델이 {tuned.rows}문항 중 {tuned.failures}문항에 답하지 못했습니다(기준: {MANY_FAILED:.0%} 이하)"


def _against(this: Results, champion: Results) -> tuple[Difference | None, bool]:
    """This run's tuned model minus the champion's."""
    ours, theirs = (_correct(results.answers) for results in (this, champion))
    shared = sorted(set(ours) & set(theirs))
    if ours and len(shared) >= _SHARED * len(ours):
        values = [ours[qa_id][0] - theirs[qa_id][0] for qa_id in shared]
        articles = [ours[qa_id][1] for qa_id in shared]
        sampling = this.benchmark
        found = difference_estimate(values, articles, (-1.0, 1.0), (sampling.bootstrap_samples, sampling.seed))
        return _difference(found), True
    one, other = (results.benchmark.score("tuned", PRIMARY) for results in (this, champion))
    return _difference(None if one is None or other is None else unpaired(one, other)), False


def _correct(answers: Sequence[Answer]) -> dict[str, tuple[float, str]]:
    """Pass or fail and article of the tuned model's answers; failures are left out."""
    return {
        answer.qa_id: (float(answer.scores.correct), answer.article)
        for answer in answers
        if answer.system == "tuned" and answer.scores is not None
    }


def _difference(found: Estimate | None) -> Difference | None:
    if found is None:
        return None
    shown = excludes(found, 0.0)
    return Difference(
        system="tuned",
        baseline="tuned",
        metric=PRIMARY,
        estimate=found,
        shown=shown,
        better=found.value > 0 if shown else None,
        mcnemar_p=None,
    )
