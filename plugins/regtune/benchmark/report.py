"""report.html: one self-contained Korean page that opens offline, for managers on top and engineers below.

In: benchmark.json's record with answers and verdicts; train_report.json, gate_report.json, generate.manifest.json,
changes.json and history.json where they are there, read leniently. Out: report.html, without script; nothing is loaded
from anywhere. What models wrote is untrusted and escaped; the page's own policy forbids it to load or run anything.
"""

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regtune.artifacts import write_text
from regtune.benchmark import plots
from regtune.benchmark.calibration import OWN_LABELS
from regtune.benchmark.history import PastRun
from regtune.benchmark.metrics import METRICS, SYSTEM_TITLES, TYPE_TITLES
from regtune.benchmark.report_costs import cost_rows, efficiency_rows
from regtune.benchmark.report_details import (
    gate,
    generation,
    scalars,
    score_rows,
    settings,
    slice_rows,
    versions,
)
from regtune.benchmark.report_examples import examples
from regtune.benchmark.report_figures import LOSS_COLOURS, cost_plot, loss_plot, safe, tracks
from regtune.benchmark.report_links import file_links, page_links, stored_at
from regtune.benchmark.report_sections import changes_section, gib, history_section, number
from regtune.benchmark.report_top import cards, questions
from regtune.benchmark.results import Benchmark, Estimate
from regtune.benchmark.rows import Answer, Verdict
from regtune.benchmark.systems import Asked
from regtune.benchmark.wording import (
    EXTRAPOLATED,
    NOT_SHOWN,
    assumed_of,
    change_lines,
    gain,
    length_gain,
    rate_gain,
    share,
    win_rate,
    with_interval,
)
from regtune.contracts import RunSpec

DIMENSION_TITLES = {
    "type": "유형",
    "regulation": "규정",
    "article_seen": "조문",
    "set": "구분",
    "revision": "개정",
}


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
        systems_by_title={title: name for name, title in SYSTEM_TITLES.items()},
        shown_titles=[SYSTEM_TITLES[system.name] for system in results.benchmark.systems],
        colours=plots.COLOURS,
        metrics=METRICS,
        type_titles=TYPE_TITLES,
        dimension_titles=DIMENSION_TITLES,
        not_shown=NOT_SHOWN,
        extrapolated=EXTRAPOLATED,
        questions=questions(results.benchmark),
        cards=cards(results.benchmark),
        against_base=change_lines(results.benchmark, "base"),
        against_reference=change_lines(results.benchmark, "reference"),
        tracks=tracks(results.benchmark),
        cost_plot=cost_plot(results.benchmark),
        cost_rows=cost_rows(results.benchmark),
        efficiency_rows=efficiency_rows(results.benchmark),
        changed=changes_section(results.changes, results.benchmark),
        past=_past(results.history),
        examples=examples(results.benchmark, results.asked, results.answers, results.verdicts),
        slices=slice_rows(results.benchmark),
        score_rows=score_rows(results.benchmark),
        gain=gain,
        with_interval=with_interval,
        length_gain=length_gain,
        rate_gain=rate_gain,
        win_rate=win_rate,
        assumed_of=assumed_of,
        own_labels=OWN_LABELS,
        share=share,
        verdicts=len(results.verdicts),
        plain=_plain,
        number=number,
        gib=gib,
        train_report=scalars(results.train_report),
        loss_plot=loss_plot(results.train_report),
        loss_colours=LOSS_COLOURS,
        gate=gate(results.gate_report),
        generation=generation(results.generation),
        settings=settings(results.spec),
        file_links=file_links(results.benchmark, results.gate_report, results.changes),
        page_links=page_links(results.spec, results.changes),
        stored_at=stored_at(results.spec),
        versions=versions(),
    )
    return str(page)


def _plain(estimate: Estimate) -> str:
    """`0.62 (0.41~0.78)`."""
    return f"{estimate.value:.2f} ({estimate.low:.2f}~{estimate.high:.2f})"


def _past(history: Sequence[PastRun]) -> dict[str, Any] | None:
    section = history_section(history)
    return None if section is None else {**section, "plot": safe(section["plot"])}
