"""The top of the report: the two questions of the plan with their answers, and the few figures beside them.

In: benchmark.json's record. Out: plain values for the template, which escapes them. An answer says no more than the
interval of the difference that it rests on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from regtune.benchmark.metrics import JUDGED, METRICS, PRIMARY, SYSTEM_TITLES
from regtune.benchmark.report_costs import energy, memory_card, weights
from regtune.benchmark.report_sections import number
from regtune.benchmark.results import Benchmark, Difference, Efficiency, Speed
from regtune.benchmark.statistics import is_judged
from regtune.benchmark.wording import TOO_FEW, gain, with_interval

_NOT_MEASURED = "재지 않음"
_AHEAD = {"base_open_book": "조문을 본 튜닝 전 모델", "reference": "대형 모델"}
"""What a specialist is expected to reach."""
_DETAILS = ("absence_recognised", "nothing_invented")


@dataclass(frozen=True)
class Question:
    """One question of the plan."""

    asked: str
    answer: str
    outcome: str
    """better, worse or not_shown: how the answer is coloured."""
    lines: tuple[str, ...]
    note: str
    """What the answer does not say; may be empty."""


def questions(benchmark: Benchmark) -> list[Question]:
    """Did tuning make a specialist; is the small model efficient enough to be used instead of a large one."""
    return [_specialist(benchmark), _efficient(benchmark)]


def _specialist(benchmark: Benchmark) -> Question:
    change = benchmark.difference("tuned", "base", PRIMARY)
    words = ("튜닝 전보다 정확해졌습니다", "튜닝 전보다 부정확해졌습니다", "튜닝 전보다 나아졌다고 말할 수 없습니다")
    answer, outcome = _outcome(change, words, "튜닝 전 모델과 비교하지 않았습니다")
    ahead = [_AHEAD[name] for name in _AHEAD if _is_worse(benchmark.difference("tuned", name, PRIMARY))]
    if outcome == "better" and ahead:
        answer, outcome = f"튜닝 전보다 정확해졌지만 {' · '.join(ahead)}에는 못 미칩니다", "not_shown"
    lines = [_rates(benchmark, "base", metric) for metric in (PRIMARY, *_DETAILS)]
    lines.append(_rates(benchmark, "base_open_book", PRIMARY))
    return Question(
        "튜닝으로 사내 규정 전문 모델이 되었는가?", answer, outcome, tuple(line for line in lines if line), ""
    )


def _efficient(benchmark: Benchmark) -> Question:
    change = benchmark.difference("tuned", "reference", PRIMARY)
    words = (
        "대형 모델보다 정확합니다",
        "대형 모델만큼 정확하지 않습니다",
        "대형 모델과의 정확도 차이를 보이지 못했습니다",
    )
    silent = any(system.name == "reference" and system.failures == system.rows for system in benchmark.systems)
    otherwise = "대형 모델이 한 문항도 답하지 못해 비교하지 못했습니다" if silent else "대형 모델과 비교하지 않았습니다"
    answer, outcome = _outcome(change, words, otherwise)
    lines = [_rates(benchmark, "reference", PRIMARY)]
    ours, theirs = (_record(benchmark, name) for name in ("tuned", "reference"))
    if ours is not None:
        lines += _costs(ours, theirs)
    notes = []
    if outcome == "not_shown" and change is not None and is_judged(change.estimate):
        notes.append("차이를 보이지 못했다는 것은 같다는 뜻이 아닙니다. 구간의 양 끝만큼은 다를 수 있습니다.")
    if theirs is not None and _is_elsewhere(theirs):
        notes.append("대형 모델은 다른 서버에서 돌아, 시간에는 망과 다른 사용자의 몫이 들어 있습니다.")
    return Question(
        "작은 모델을 대형 모델 대신 쓸 만큼 효율적인가?",
        answer,
        outcome,
        tuple(line for line in lines if line),
        " ".join(notes),
    )


def _is_elsewhere(record: Efficiency) -> bool:
    """Whether nothing of its server was read or measured on this host."""
    measured = record.memory_kind == "gpu_card_used" or record.model_memory_bytes is not None
    return record.device == "endpoint" and not measured


def _is_worse(change: Difference | None) -> bool:
    return change is not None and change.shown and change.better is False


def _outcome(change: Difference | None, words: tuple[str, str, str], otherwise: str) -> tuple[str, str]:
    better, worse, not_shown = words
    if change is None:
        return otherwise, "not_shown"
    if not is_judged(change.estimate):
        return TOO_FEW, "not_shown"
    if not change.shown:
        return not_shown, "not_shown"
    return (better, "better") if change.better else (worse, "worse")


def _rates(benchmark: Benchmark, other: str, metric: str) -> str:
    """`정답률: 50.0% (40.8~59.2) → 71.7% (63.1~79.5), +21.7%p (+12.5~+30.8)`; empty where one was not measured."""
    ours, theirs = benchmark.score("tuned", metric), benchmark.score(other, metric)
    change = benchmark.difference("tuned", other, metric)
    if ours is None or theirs is None or change is None:
        return ""
    before, after = with_interval(metric, theirs), with_interval(metric, ours)
    if other != "base":
        before, after = f"{SYSTEM_TITLES[other]} {before}", f"{SYSTEM_TITLES['tuned']} {after}"
    return f"{METRICS[metric].title}: {before} → {after}, {gain(change)}"


def _costs(ours: Efficiency, theirs: Efficiency | None) -> list[str]:
    """What each takes, the small one first."""

    def pair(title: str, shown: Callable[[Efficiency], str]) -> str:
        one, other = shown(ours), _NOT_MEASURED if theirs is None else shown(theirs)
        return "" if one == other == _NOT_MEASURED else f"{title}: 작은 모델 {one}, 대형 모델 {other}"

    slow, fast = (_slowest(ours), ours.speeds[-1] if ours.speeds else None)
    many = fast.concurrency if fast is not None and fast != slow else None
    return [
        pair("답변 하나(중앙값)", lambda r: _told(s.latency_p50_seconds if (s := _slowest(r)) else None, "초")),
        pair(f"동시 {many}건일 때", lambda r: _told(_tokens_at(r, many), "토큰/초", 0)) if many else "",
        pair("가중치", lambda r: _NOT_MEASURED if r.weights_bytes is None else weights(r)),
        pair("답변당 에너지", _energy),
    ]


def _energy(record: Efficiency) -> str:
    slow = _slowest(record)
    return _NOT_MEASURED if slow is None or slow.joules_per_answer is None else energy(record, slow)


def _slowest(record: Efficiency) -> Speed | None:
    return record.speeds[0] if record.speeds else None


def _tokens_at(record: Efficiency, concurrency: int | None) -> float | None:
    return next((speed.tokens_per_second for speed in record.speeds if speed.concurrency == concurrency), None)


def _told(value: float | None, unit: str, digits: int = 2) -> str:
    return _NOT_MEASURED if value is None else number(value, unit, digits)


def _record(benchmark: Benchmark, system: str) -> Efficiency | None:
    return next((record for record in benchmark.efficiency if record.system == system), None)


def cards(benchmark: Benchmark) -> list[dict[str, str]]:
    """The tuned model's figures, each with what it was before."""
    found = []
    for metric in (PRIMARY, "absence_recognised", "quantities_right", "judge_correctness"):
        after, change = benchmark.score("tuned", metric), benchmark.difference("tuned", "base", metric)
        if after is not None and metric in JUDGED and not benchmark.ratings_tell:
            note = "판정 모델이 거의 모든 답변에 같은 점수를 줌"
            found.append({"title": METRICS[metric].title, "value": "가려내지 못함", "note": note})
        elif after is not None:
            note = f"튜닝 전 대비 {gain(change)}" if change is not None else "튜닝 전과 비교하지 않음"
            found.append({"title": METRICS[metric].title, "value": with_interval(metric, after), "note": note})
    cost = _record(benchmark, "tuned")
    if cost is not None and cost.speeds:
        slow = cost.speeds[0]
        note = f"동시 {slow.concurrency}건일 때 p95 {number(slow.latency_p95_seconds, '초')} · {cost.device}"
        found.append({"title": "답변 시간 (중앙값)", "value": number(slow.latency_p50_seconds, "초"), "note": note})
        found.append({"title": "메모리", **memory_card(cost)})
    return found
