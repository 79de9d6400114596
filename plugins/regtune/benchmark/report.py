"""report.html: one self-contained Korean page that opens offline, for managers on top and engineers below.

In: benchmark.json's record with answers and verdicts; train_report.json, gate_report.json, generate.manifest.json,
changes.json and history.json where they are there, read leniently. Out: report.html, without script; nothing is loaded
from anywhere. What models wrote is untrusted and escaped; the page's own policy forbids it to load or run anything.
"""

import importlib.metadata
import importlib.resources
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.artifacts import write_text
from regtune.benchmark import plots
from regtune.benchmark.calibration import OWN_LABELS
from regtune.benchmark.history import PastRun
from regtune.benchmark.report_links import file_links, page_links, stored_at
from regtune.benchmark.report_sections import changes_section, cost_rows, gib, history_section, number
from regtune.benchmark.report_top import MEMORY_TITLES, cards, questions
from regtune.benchmark.results import (
    JUDGED,
    METRICS,
    PRIMARY,
    SYSTEM_TITLES,
    TYPE_TITLES,
    Answer,
    Benchmark,
    Efficiency,
    Estimate,
    Verdict,
)
from regtune.benchmark.systems import Asked
from regtune.benchmark.wording import (
    EXTRAPOLATED,
    NOT_SHOWN,
    change_lines,
    gain,
    length_gain,
    rate_gain,
    share,
    with_interval,
)
from regtune.contracts import RunSpec

if TYPE_CHECKING:
    from markupsafe import Markup

WHY_TITLES = {
    "gained": "튜닝 뒤에 맞힌 문항",
    "lost": "튜닝 뒤에 틀린 문항",
    "both_wrong": "튜닝 뒤에도 틀린 문항",
    "both_right": "튜닝 전에도 맞힌 문항",
}
DIMENSION_TITLES = {
    "type": "유형",
    "regulation": "규정",
    "article_seen": "조문",
    "set": "구분",
    "revision": "개정",
}
_LOSS_CURVES = {"학습 손실": "train_curve", "검증 손실": "validation_curve"}
_LOSS_COLOURS = {"학습 손실": "#8a94a3", "검증 손실": "#0f766e"}
_PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "numpy", "openai", "jinja2")
_ABSENT = "–"
_QUOTED = 30
"""Characters of a sentence that a score names."""


@dataclass(frozen=True)
class Results:
    """What the page shows."""

    spec: RunSpec
    benchmark: Benchmark
    asked: Mapping[str, Asked]
    answers: Sequence[Answer]
    verdicts: Sequence[Verdict]
    train_report: Mapping[str, Any]
    gate_report: Mapping[str, Any]
    generation: Mapping[str, Any]
    changes: Mapping[str, Any]
    history: Sequence[PastRun]
    """This run included."""


def write_report(run_dir: Path, results: Results) -> None:
    """Write report.html into a run folder."""
    write_text(run_dir / "report.html", render_report(results))


def render_report(results: Results) -> str:
    """Fill the template; every value is escaped but the SVG of plots.py and the package's own style sheet."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = importlib.resources.files("regtune.benchmark")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(folder.joinpath("report.html.j2").read_text(encoding="utf-8"))
    style = Markup(folder.joinpath("report.css").read_text(encoding="utf-8"))  # noqa: S704 - a file of the package
    page = template.render(
        style=style,
        benchmark=results.benchmark,
        spec=results.spec,
        systems=[system.name for system in results.benchmark.systems],
        system_titles=SYSTEM_TITLES,
        colours=plots.COLOURS,
        metrics=METRICS,
        type_titles=TYPE_TITLES,
        dimension_titles=DIMENSION_TITLES,
        memory_titles=MEMORY_TITLES,
        not_shown=NOT_SHOWN,
        extrapolated=EXTRAPOLATED,
        questions=questions(results.benchmark),
        cards=cards(results.benchmark),
        against_base=change_lines(results.benchmark, "base"),
        against_reference=change_lines(results.benchmark, "reference"),
        tracks=_tracks(results.benchmark),
        cost_plot=_cost_plot(results.benchmark),
        cost_rows=cost_rows(results.benchmark),
        changed=changes_section(results.changes, results.benchmark),
        past=_past(results.history),
        examples=_examples(results),
        slices=_slices(results.benchmark),
        score_rows=_score_rows(results.benchmark),
        gain=gain,
        with_interval=with_interval,
        length_gain=length_gain,
        rate_gain=rate_gain,
        own_labels=OWN_LABELS,
        share=share,
        verdicts=len(results.verdicts),
        plain=_plain,
        number=number,
        gib=gib,
        train_report=_scalars(results.train_report),
        loss_plot=_loss_plot(results.train_report),
        loss_colours=_LOSS_COLOURS,
        gate=_gate(results.gate_report),
        generation=_generation(results.generation),
        settings=_settings(results.spec),
        file_links=file_links(results.benchmark, results.gate_report, results.changes),
        page_links=page_links(results.spec, results.changes),
        stored_at=stored_at(results.spec),
        versions=_versions(),
    )
    return str(page)


def _plain(estimate: Estimate) -> str:
    """`0.62 (0.41~0.78)`."""
    return f"{estimate.value:.2f} ({estimate.low:.2f}~{estimate.high:.2f})"


def _safe(svg: str) -> "Markup":
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704 - of plots.py, which escapes its labels


def _past(history: Sequence[PastRun]) -> dict[str, Any] | None:
    section = history_section(history)
    return None if section is None else {**section, "plot": _safe(section["plot"])}


def _tracks(benchmark: Benchmark) -> list[dict[str, Any]]:
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
                rows.append({"title": system.title, "colour": colour, "svg": _safe(svg), "text": text})
        if rows:
            note = "" if metric.higher_is_better else "낮을수록 좋음"
            groups.append({"title": metric.title, "note": note, "rows": rows})
    return groups


def _cost_plot(benchmark: Benchmark) -> "Markup":
    points = []
    for record in benchmark.efficiency:
        score, latency = benchmark.score(record.system, PRIMARY), _latency(record)
        if score is not None and latency is not None:
            title, colour = SYSTEM_TITLES[record.system], plots.COLOURS[record.system]
            points.append(plots.Point(title, colour, latency, score.value, score.low, score.high))
    return _safe(plots.quality_against_cost(points, "답변 하나에 걸린 시간(초, 중앙값)"))


def _latency(record: Efficiency) -> float | None:
    return record.speeds[0].latency_p50_seconds if record.speeds else None


def _examples(results: Results) -> list[dict[str, Any]]:
    answers = {(answer.system, answer.qa_id): answer for answer in results.answers}
    ratings = {(v.system, v.qa_id): v for v in results.verdicts if v.kind == "rating"}
    shown = []
    for example in results.benchmark.examples:
        row = results.asked[example.qa_id]
        sides = [
            {
                "title": system.title,
                "colour": plots.COLOURS[system.name],
                "answer": answers[system.name, example.qa_id],
                "notes": _notes(answers[system.name, example.qa_id]),
                "rating": ratings.get((system.name, example.qa_id)),
            }
            for system in results.benchmark.systems
            if (system.name, example.qa_id) in answers
        ]
        why = WHY_TITLES[example.why]
        duels = _duels([v for v in results.verdicts if v.kind == "pairwise" and v.qa_id == example.qa_id])
        shown.append({"row": row, "why": why, "kind": example.why, "sides": sides, "duels": duels})
    return shown


def _duels(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each comparison of a question, both orders in it."""
    lines: dict[str, list[str]] = {}
    for verdict in verdicts:
        names = [SYSTEM_TITLES[str(system)] for system in (verdict.system, verdict.opponent)]
        won = "판정하지 못함" if verdict.winner is None else f"{SYSTEM_TITLES.get(verdict.winner, '무승부')}"
        reason = f" ({verdict.reason})" if verdict.reason else ""
        lines.setdefault(" · ".join(sorted(names)), []).append(f"{names[0]} 먼저: {won}{reason}")
    return [f"{pair} — {' / '.join(found)}" for pair, found in lines.items()]


def _notes(answer: Answer) -> list[str]:
    """What the deterministic scores have against an answer."""
    scores = answer.scores
    if scores is None:
        return []
    flags = (
        (answer.truncated, "길이 제한에서 잘림"),
        (scores.absent, "'없음'이라고 답함"),
        (scores.refused, "답변을 거절함"),
        (bool(scores.reversed_claims), "허용·금지가 뒤바뀜"),
        (scores.article_right is False, "조문이나 규정 이름의 인용이 틀림"),
        (not scores.korean, "한국어가 아님"),
    )
    named = (
        ("빠진 수량", scores.missing_quantities, ", "),
        ("근거 없는 수량", scores.unsupported_quantities, ", "),
        ("다른 경우의 수량", scores.contradicting_quantities, ", "),
        ("빠진 조건", scores.missing_conditions, " / "),
        ("지어낸 내용", scores.invented, " / "),
    )
    return [
        *(note for said, note in flags if said),
        *(f"{title}: {mark.join(_brief(part) for part in found)}" for title, found, mark in named if found),
    ]


def _brief(part: str) -> str:
    """The answer itself stands above it."""
    return part if len(part) <= _QUOTED else f"{part[:_QUOTED].rstrip()}…"


def _slices(benchmark: Benchmark) -> list[dict[str, Any]]:
    rows = []
    for part in benchmark.slices:
        by_system = {score.system: score.estimate for score in part.scores}
        texts = [
            with_interval(PRIMARY, by_system[system.name]) if system.name in by_system else _ABSENT
            for system in benchmark.systems
        ]
        count = max((estimate.rows for estimate in by_system.values()), default=0)
        change = gain(part.gain) if part.gain is not None else _ABSENT
        rows.append({"dimension": part.dimension, "part": part.part, "rows": count, "texts": texts, "gain": change})
    return rows


def _score_rows(benchmark: Benchmark) -> list[dict[str, Any]]:
    rows = []
    for name, metric in METRICS.items():
        found = [benchmark.score(system.name, name) for system in benchmark.systems]
        texts = [f"{with_interval(name, e)}, n={e.rows}" if e is not None else _ABSENT for e in found]
        rows.append({"title": metric.title, "texts": texts})
    return rows


def _gate(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Outcome and expectations of the gate; None without one."""
    listed = report.get("expectations")
    if not isinstance(listed, list) or not listed:
        return None
    rows = [entry for entry in listed if isinstance(entry, dict)]
    keys = ("success", "description", "expected", "observed")
    expectations = [{key: entry.get(key) for key in keys} for entry in rows]
    return {"passed": report.get("passed"), "rows": report.get("rows"), "expectations": expectations}


def _generation(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens and counts of the stage that made the questions."""
    parts = [manifest.get(key) for key in ("tokens", "counts")]
    return {str(name): value for part in parts if isinstance(part, dict) for name, value in part.items()}


def _scalars(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if isinstance(value, str | int | float | bool)}


def _loss_plot(train_report: Mapping[str, Any]) -> "Markup":
    curves: dict[str, list[tuple[float, float]]] = {}
    for name, key in _LOSS_CURVES.items():
        points = train_report.get(key)
        points = [point for point in points if isinstance(point, dict)] if isinstance(points, list) else []
        numbers = [(point.get("step"), point.get("loss")) for point in points]
        curves[name] = [
            (float(x), float(y)) for x, y in numbers if isinstance(x, int | float) and isinstance(y, int | float)
        ]
    return _safe(plots.loss_curves(curves, _LOSS_COLOURS))


def _settings(spec: RunSpec) -> str:
    import yaml

    content = spec.config.model_dump(mode="json", by_alias=True)
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = _ABSENT
    return found
