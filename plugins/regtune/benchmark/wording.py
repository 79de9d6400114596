"""Korean words and figures of the benchmark: percentages, intervals, the headline, what changed.

In: measured figures. Out: text. A difference never appears without its interval, and one whose interval crosses
zero is called 차이를 보이지 못함.
"""

from collections.abc import Sequence

from regtune.benchmark.metrics import FEWEST_ARTICLES, JUDGED, METRICS, SYSTEM_TITLES
from regtune.benchmark.results import Agreement, Benchmark, Comparison, CorrectedDifference, Difference, Estimate
from regtune.benchmark.statistics import excludes, is_judged
from regtune.config import PipelineConfig

NOT_SHOWN = "차이를 보이지 못함"
LEANS = "자동 채점의 정오에 기댄 값이므로 맞추지 않은 승률과 나란히 볼 것"
EXTRAPOLATED = "한쪽 답변이 거의 늘 길어 짐작에 가까움"
TOO_FEW = f"조문이 {FEWEST_ARTICLES}개보다 적어 판단하지 않음"


def figure(metric: str, value: float) -> str:
    """`71.7%` for a rate, `3.42점` for a grade, `83.1자` for a length."""
    scale, digits, unit, _ = _unit(metric)
    return f"{value * scale:.{digits}f}{unit}"


def with_interval(metric: str, estimate: Estimate) -> str:
    """`71.7% (63.1~79.5)`."""
    return f"{figure(metric, estimate.value)} ({_bounds(metric, estimate)})"


def gain(difference: Difference) -> str:
    """`+21.7%p (+12.5~+30.8)`, with 차이를 보이지 못함 where the interval crosses zero."""
    return _change(difference.metric, difference.estimate)


def rate_gain(change: Estimate) -> str:
    """`gain` of a difference of two rates."""
    return _change("correct", change)


def _change(metric: str, change: Estimate) -> str:
    scale, digits, _, unit = _unit(metric)
    value = f"{change.value * scale:+.{digits}f}{unit}"
    text = f"{value} ({_bounds(metric, change, signed=True)})".replace("-", "−")
    if not is_judged(change):
        text = f"{text}, {TOO_FEW}"
    return text if excludes(change, 0.0) else f"{NOT_SHOWN} · {text}"


def win_rate(comparison: Comparison, rate: Estimate | None, *, shown: bool) -> str:
    """One of a comparison's win rates, and whether it tells anything; a dash where there is none."""
    if rate is None:
        return "–"
    text = with_interval("correct", rate)
    if not comparison.tells:
        return f"{text} · 판정 모델이 가려내지 못함"
    return text if shown else f"{text} · {NOT_SHOWN}"


def assumed_of(agreement: Agreement, difference: CorrectedDifference) -> str:
    """What a corrected difference takes for granted, in brackets; nothing where both have labels of their own."""
    pair = (difference.system, difference.baseline)
    pooled = [SYSTEM_TITLES[rate.system] for rate in agreement.corrected if rate.system in pair and not rate.own_labels]
    if not pooled:
        return ""
    if len(pooled) == len(pair):
        return " (판정 모델이 두 시스템을 똑같이 판정한다고 보고 구한 값)"
    return f" (라벨이 적은 쪽({pooled[0]})은 모든 시스템의 라벨로 고쳐, 판정 모델이 그쪽도 똑같이 판정한다고 본 값)"


def length_gain(longer_by: Estimate | None) -> str:
    """`+22.4자 (+10.1~+35.0)`; a dash where nothing was compared."""
    if longer_by is None:
        return "–"
    text = f"{longer_by.value:+.1f}자 ({_bounds('characters', longer_by, signed=True)})".replace("-", "−")
    return text if excludes(longer_by, 0.0) else f"{NOT_SHOWN} · {text}"


def share(count: int, of: int) -> str:
    """`3 (2.5%)`."""
    return f"{count} ({count / of:.1%})" if of else str(count)


def _unit(metric: str) -> tuple[int, int, str, str]:
    """Factor, digits, unit, unit of a difference."""
    if METRICS[metric].is_rate:
        return 100, 1, "%", "%p"
    return (1, 1, "자", "자") if metric == "characters" else (1, 2, "점", "점")


def _bounds(metric: str, estimate: Estimate, *, signed: bool = False) -> str:
    scale, digits, _, _ = _unit(metric)
    sign = "+" if signed else ""
    low, high = (f"{bound * scale:{sign}.{digits}f}" for bound in (estimate.low, estimate.high))
    return f"{low}~{high}"


def headline(stand_ins: Sequence[str], tuned: Estimate | None, difference: Difference | None) -> str:
    """One sentence on the primary metric of the tuned model and its difference from the untuned one."""
    mark = "[대역] " if stand_ins else ""
    if tuned is None:
        return f"{mark}튜닝한 모델은 이번 평가에 없습니다."
    start = f"{mark}평가 {tuned.rows}문항에서 튜닝한 모델의 정답률은 {with_interval('correct', tuned)}"
    if difference is None:
        return f"{start}이며, 튜닝 전 모델은 함께 평가하지 않았습니다."
    estimate = difference.estimate
    change = f"{estimate.value * 100:+.1f}%p, 95% 구간 {_bounds('correct', estimate, signed=True)}".replace("-", "−")
    if not is_judged(estimate):
        return f"{start}이며, 튜닝 전과의 차이는 {TOO_FEW}({change})."
    if not difference.shown:
        return f"{start}이며, 튜닝 전과의 차이를 보이지 못했습니다({change})."
    return f"{start}로, 튜닝 전보다 {'나아졌습니다' if difference.better else '나빠졌습니다'}({change})."


def stand_in_names(config: PipelineConfig) -> tuple[str, ...]:
    """Every model of this run that stands in for a real one."""
    endpoints = config.endpoints
    named = [
        ("질문·답변 생성 모델", endpoints.generator.model, endpoints.generator.stand_in),
        ("판정 모델", endpoints.judge.model, endpoints.judge.stand_in),
        ("비교용 대형 모델", endpoints.reference.model, endpoints.reference.stand_in and uses_reference(config)),
        ("기반 모델", model_name(config.train.base_model), config.train.base_is_stand_in),
    ]
    return tuple(f"{role}({model})" for role, model, stands_in in named if stands_in)


def model_name(path: str) -> str:
    """Last part of a path or hub id."""
    return path.rstrip("/").rpartition("/")[2] or path


def why_not(comparison: Comparison) -> str:
    """Why a comparison tells nothing."""
    agreed = comparison.consistency
    if agreed is None or agreed.value == 1.0:
        return "모든 문항에서 무승부라고 함"
    return f"두 순서의 판정이 일치한 문항 {with_interval('correct', agreed)}"


def change_lines(benchmark: Benchmark, baseline: str) -> dict[str, list[str]]:
    """Sentences on the tuned model against `baseline`, by outcome: better, worse, not_shown."""
    lines: dict[str, list[str]] = {"better": [], "worse": [], "not_shown": []}
    for difference in benchmark.differences:
        if difference.baseline != baseline or METRICS[difference.metric].higher_is_better is None:
            continue
        if not benchmark.ratings_tell and difference.metric in JUDGED:
            continue
        outcome = "not_shown" if not difference.shown else "better" if difference.better else "worse"
        before = benchmark.score(difference.baseline, difference.metric)
        after = benchmark.score(difference.system, difference.metric)
        if before is None or after is None:
            continue
        title = METRICS[difference.metric].title
        span = f"{figure(difference.metric, before.value)} → {figure(difference.metric, after.value)}"
        both = difference.estimate.rows
        shared = "" if before.rows == after.rows == both else f", 차이는 양쪽 모두 해당하는 {both}문항에서"
        lines[outcome].append(f"{title}: {span}, {gain(difference).removeprefix(f'{NOT_SHOWN} · ')}{shared}")
    if not benchmark.ratings_tell:
        lines["not_shown"].append("판정 점수: 판정 모델이 거의 모든 답변에 같은 점수를 주어 가려내지 못함")
    for comparison in benchmark.comparisons:
        if comparison.opponent != baseline or comparison.win_rate is None:
            continue
        if not comparison.tells:
            named = f"{SYSTEM_TITLES[baseline]}과의 맞대결"
            lines["not_shown"].append(f"{named}: 판정 모델이 가려내지 못함({why_not(comparison)})")
            continue
        counts = f"{comparison.wins}승 {comparison.ties}무 {comparison.losses}패"
        named = f"{SYSTEM_TITLES[baseline]}과의 맞대결 승률"
        lines[_of_rate(comparison.win_rate)].append(
            f"{named}: {with_interval('correct', comparison.win_rate)}, {counts}"
        )
        if comparison.controlled is not None:
            controlled = with_interval("correct", comparison.controlled)
            longer = f"튜닝한 모델의 답변 길이 {length_gain(comparison.longer_by)}"
            guess = f", {EXTRAPOLATED}" if comparison.extrapolated else ""
            outcome = "not_shown" if comparison.extrapolated else _of_rate(comparison.controlled)
            lines[outcome].append(f"{named}(길이·순서를 맞춘 값): {controlled}, {longer}{guess}. {LEANS}")
    return lines


def _of_rate(rate: Estimate) -> str:
    """Outcome of a win rate."""
    if not excludes(rate, 1 / 2):
        return "not_shown"
    return "better" if rate.low > 1 / 2 else "worse"


def uses_reference(config: PipelineConfig) -> bool:
    """Whether the reference model is one of the systems."""
    return "reference" in config.benchmark.systems
