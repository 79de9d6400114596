"""The report's figures: scores with their intervals, quality against cost, the curves of training.

In: benchmark.json's record and train_report.json. Out: SVG that the template puts in unescaped.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from regtune.benchmark import plots
from regtune.benchmark.metrics import JUDGED, METRICS, PRIMARY, SYSTEM_TITLES
from regtune.benchmark.results import Benchmark, Efficiency
from regtune.benchmark.wording import with_interval

if TYPE_CHECKING:
    from markupsafe import Markup

_LOSS_CURVES = {"학습 손실": "train_curve", "검증 손실": "validation_curve"}
LOSS_COLOURS = {"학습 손실": "#8a94a3", "검증 손실": "#0f766e"}


def safe(svg: str) -> "Markup":
    """Mark an SVG of plots.py, which escapes its labels, as safe."""
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704 - of plots.py, which escapes its labels


def tracks(benchmark: Benchmark) -> list[dict[str, Any]]:
    """Each metric as one track with an interval for every system."""
    groups = []
    for name, metric in METRICS.items():
        rows = []
        told = metric.higher_is_better is not None and (benchmark.ratings_tell or name not in JUDGED)
        for system in benchmark.systems if told else ():
            score = benchmark.score(system.name, name)
            if score is not None:
                colour = plots.COLOURS[system.name]
                svg = plots.track(score.value, score.low, score.high, (metric.low, metric.high), colour)
                text = with_interval(name, score)
                rows.append({"title": system.title, "colour": colour, "svg": safe(svg), "text": text})
        if rows:
            note = "" if metric.higher_is_better else "낮을수록 좋음"
            groups.append({"title": metric.title, "note": note, "rows": rows})
    return groups


def cost_plot(benchmark: Benchmark) -> "Markup":
    """The primary metric against the seconds of an answer."""
    points = []
    for record in benchmark.efficiency:
        score, latency = benchmark.score(record.system, PRIMARY), _latency(record)
        if score is not None and latency is not None:
            title, colour = SYSTEM_TITLES[record.system], plots.COLOURS[record.system]
            points.append(plots.Point(title, colour, latency, score.value, score.low, score.high))
    return safe(plots.quality_against_cost(points, "답변 하나에 걸린 시간(초, 중앙값)"))


def _latency(record: Efficiency) -> float | None:
    return record.speeds[0].latency_p50_seconds if record.speeds else None


def loss_plot(train_report: Mapping[str, Any]) -> "Markup":
    """Loss in training and in validation, step by step."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for name, key in _LOSS_CURVES.items():
        points = train_report.get(key)
        points = [point for point in points if isinstance(point, dict)] if isinstance(points, list) else []
        numbers = [(point.get("step"), point.get("loss")) for point in points]
        curves[name] = [
            (float(x), float(y)) for x, y in numbers if isinstance(x, int | float) and isinstance(y, int | float)
        ]
    return safe(plots.loss_curves(curves, LOSS_COLOURS))
