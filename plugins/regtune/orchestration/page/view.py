"""The page's HTML, in Korean: summaries in, text out.

In: RunSummary, Advice and what Airflow knows of the runs. Out: HTML from the templates beside this file. Everything is
escaped but the SVG of trends.py. It reads nothing else and decides nothing about access.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regtune.benchmark.metrics import METRICS, SYSTEM_TITLES, TYPE_TITLES
from regtune.orchestration.page import trends
from regtune.orchestration.page.addresses import CHANGES, REVIEW, dag_run_address, file_address, run_address
from regtune.orchestration.page.archive import DOCS
from regtune.orchestration.page.summary import Interval, RunSummary
from regtune.qa.reasons import in_korean
from regtune.regulations.advice import Advice

if TYPE_CHECKING:
    from jinja2 import Environment

DECISIONS = {
    "champion": ("승격", "good"),
    "not_champion": ("승격 안 함", "bad"),
    "not_compared": ("비교 안 함", "plain"),
    "not_trained": ("학습 안 함", "plain"),
    "older": ("지난 규정", "plain"),
    "unchanged": ("바뀐 것 없음", "plain"),
}
DAG_RUN_STATES = {"queued": "대기", "running": "실행 중", "success": "성공", "failed": "실패"}
FILE_TITLES = {
    "report.html": "보고서",
    DOCS: "Data Docs",
}
STAGE_TITLES = {
    "check_02": "호스트 .02 점검", "check_48": "호스트 .48 점검", "parse": "조문 읽기", "chunk": "청크",
    "compare": "앞선 실행과 비교", "serve": "모델 서버", "generate": "질문·답변 생성", "stop": "모델 서버 끄기",
    "validate": "검증", "gate": "품질 검사", "split": "나누기", "train": "학습", "benchmark": "평가", "publish": "게시",
}  # fmt: skip


@dataclass(frozen=True)
class DagRunState:
    """What Airflow knows of the run that made a folder."""

    dag_run_id: str
    state: str


@dataclass(frozen=True)
class ActiveBackfill:
    """The backfill that is under way."""

    first: str
    last: str
    finished: int
    total: int


@dataclass(frozen=True)
class Overview:
    """Everything on the first page."""

    runs: Sequence[RunSummary]
    """Of this page, in the order shown."""
    trend: Sequence[RunSummary]
    """One a date, ascending."""
    newest: RunSummary | None
    """The latest work on the latest date."""
    advice: Sequence[Advice]
    champion: RunSummary | None
    total: int
    page: int
    pages: int
    dag_runs: Mapping[str, DagRunState] = field(default_factory=dict)
    """By run name."""
    under_way: Sequence[DagRunState] = ()
    backfill: ActiveBackfill | None = None
    champion_told: bool = True
    """False: champion.json cannot be read."""


@dataclass(frozen=True)
class Visitor:
    """Who looks."""

    name: str
    may_act: bool
    tokens: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """Proof for each backfill's form: (first, last, reprocess) -> token."""
    base: str = ""
    """Airflow's path below its host."""
    notice: str | None = None


def overview(page: Overview, visitor: Visitor) -> str:
    """Fill page.html.j2."""
    days = [str(run.as_of) for run in page.trend]
    lines = [
        trends.Line("base", SYSTEM_TITLES["base"], [run.score("base") for run in page.trend]),
        trends.Line("tuned", SYSTEM_TITLES["tuned"], [run.score("tuned") for run in page.trend]),
    ]
    flawed = [float(sum(run.gate.reasons.values())) if run.gate else None for run in page.trend]
    minutes = [run.cost.seconds / 60 for run in page.trend]
    return _render(
        "page.html.j2",
        visitor,
        overview=page,
        lines=lines,
        score_plot=_safe(trends.rates("시행일별 정답률과 95% 구간", days, lines)),
        reason_plot=_safe(trends.bars("시행일별 검증 사유 수", days, flawed, "건")),
        time_plot=_safe(trends.bars("시행일별 걸린 시간(분)", days, minutes, "분")),
    )


def run_page(run: RunSummary, dag_run: DagRunState | None, visitor: Visitor) -> str:
    """Fill run.html.j2."""
    systems = [name for name in SYSTEM_TITLES if any(name in scores for scores in run.scores.values())]
    rows = [(METRICS[name], name, run.scores[name]) for name in METRICS if name in run.scores]
    return _render("run.html.j2", visitor, run=run, dag_run=dag_run, systems=systems, score_rows=rows)


def told(title: str, text: str, visitor: Visitor) -> str:
    """Fill told.html.j2: one sentence where a page cannot be shown."""
    return _render("told.html.j2", visitor, title=title, text=text)


def percent(interval: Interval | None, *, signed: bool = False) -> str:
    """`71.7% (63.1–79.5)`, or with signs `+21.7%p (+12.5–+30.8)`; a dash for nothing."""
    if interval is None:
        return "–"
    sign, unit = ("+", "%p") if signed else ("", "%")
    value, low, high = (f"{number * 100:{sign}.1f}" for number in (interval.value, interval.low, interval.high))
    return f"{value}{unit} ({low}–{high})".replace("-", "−")


def graded(metric: str, interval: Interval | None) -> str:
    """A score of any metric: a share in per cent, a grade of 1-5 as it is."""
    if interval is None or METRICS[metric].is_rate:
        return percent(interval)
    return f"{interval.value:.2f} ({interval.low:.2f}–{interval.high:.2f})"


def duration(seconds: float | None) -> str:
    """`3시간 12분`, `4분 5초`, `8.1초`; a dash for nothing."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}시간 {minutes}분"
    return f"{minutes}분 {rest}초" if minutes else f"{seconds:.1f}초"


def count(value: float | None) -> str:
    """`12,345`; large ones as `1.2만`, `3.4억`."""
    if value is None:
        return "–"
    for size, unit in ((1e8, "억"), (1e5, "만")):
        if value >= size:
            return f"{value / min(size, 1e8 if unit == '억' else 1e4):,.1f}{unit}"
    return f"{value:,.0f}"


def files_of(run: RunSummary) -> list[tuple[str, str]]:
    """Title and address of every file of a run that people may open."""
    found = [
        (title, file_address(run.run_name, f"{name}/" if name == DOCS else name))
        for name, title in FILE_TITLES.items()
        if name in run.artifacts
    ]
    if "qa_checks.jsonl" in run.artifacts:
        found.append(("검토 파일", file_address(run.run_name, REVIEW)))
    if run.previous_run is not None:
        found.append(("신구조문대비표", file_address(run.run_name, CHANGES)))
    return found


def _safe(svg: str) -> Any:  # noqa: ANN401 - markupsafe is Airflow's, without it here
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704 - of trends.py, which escapes its labels


@lru_cache(maxsize=1)
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "percent": percent,
        "graded": graded,
        "duration": duration,
        "count": count,
        "files_of": files_of,
        "run_address": run_address,
        "dag_run_address": dag_run_address,
        "track": lambda interval, style: _safe(trends.track(interval, style)),
        "in_korean": in_korean,
        "decisions": DECISIONS,
        "states": DAG_RUN_STATES,
        "system_titles": SYSTEM_TITLES,
        "type_titles": TYPE_TITLES,
        "stage_titles": STAGE_TITLES,
    }
    return environment


def _render(template: str, visitor: Visitor, **values: object) -> str:
    page: str = _templates().get_template(template).render(visitor=visitor, base=visitor.base, **values)
    return page
