"""Sections of the report beside the scores: what was revised, and earlier runs.

In: changes.json read leniently, past runs, benchmark.json's record. Out: plain values for the template, which escapes
them; nothing that another stage wrote is trusted to have its shape.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from regtune.benchmark import plots
from regtune.benchmark.history import PastRun
from regtune.benchmark.metrics import PRIMARY, SYSTEM_TITLES, SystemName
from regtune.benchmark.results import Benchmark
from regtune.benchmark.wording import with_interval

_KINDS = {"added": "신설", "changed": "변경", "renumbered": "번호 변경", "moved": "이동", "removed": "삭제"}
_SHOWN_CHANGES = 12
_EXCERPT = 160
_FEWEST_RUNS = 2
_LATEST_RUNS = 20
"""Listed at once; the earlier ones unfold."""
_ABSENT = "–"


def number(value: float | None, unit: str = "", digits: int = 2) -> str:
    """A figure, or a dash where nothing was measured."""
    return _ABSENT if value is None else f"{value:,.{digits}f}{unit}"


def gib(value: int | None) -> str:
    """Bytes in GiB, or MiB below a tenth of one."""
    if value is None:
        return _ABSENT
    return f"{value / 2**30:.2f} GiB" if value >= 2**30 / 10 else f"{value / 2**20:.1f} MiB"


def changes_section(changes: Mapping[str, Any], benchmark: Benchmark) -> dict[str, Any] | None:
    """What changed since the last accepted run; None when there is none, or nobody compared."""
    listed = changes.get("articles")
    if not changes.get("previous_run") or not isinstance(listed, list):
        return None
    articles = [entry for entry in listed if isinstance(entry, dict)]
    counts = Counter(str(entry.get("kind")) for entry in articles)
    revised = [part for part in benchmark.slices if part.dimension == "revision"]
    return {
        "summary": str(changes.get("summary") or ""),
        "counts": [(title, counts[kind]) for kind, title in _KINDS.items() if counts[kind]],
        "articles": [_changed_article(entry) for entry in articles[:_SHOWN_CHANGES]],
        "more": max(len(articles) - _SHOWN_CHANGES, 0),
        "retired": [
            (title, changes[key])
            for title, key in (("학습용 질문·답변", "retired_pairs"), ("평가용 질문·답변", "retired_pool"))
            if isinstance(changes.get(key), int)
        ],
        "before": str(changes.get("previous_headline") or ""),
        "scores": [
            (part.part, [(score.system, with_interval(PRIMARY, score.estimate)) for score in part.scores])
            for part in revised
        ],
    }


def _changed_article(entry: Mapping[str, Any]) -> dict[str, str]:
    kind = str(entry.get("kind"))
    old, new = (str(entry.get(key) or "") for key in ("old_article", "new_article"))
    return {
        "kind": kind if kind in _KINDS else "changed",
        "title": _KINDS.get(kind, kind),
        "where": f"{entry.get('regulation_title') or entry.get('regulation_id') or ''} "
        + (f"{old} → {new}" if old and new and old != new else new or old),
        **dict(zip(("old", "new"), _excerpts(entry.get("old_text"), entry.get("new_text")), strict=True)),
    }


def _excerpts(old: object, new: object) -> tuple[str, str]:
    """Both texts from a little before their first difference on."""
    one, other = (text if isinstance(text, str) else "" for text in (old, new))
    same = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - 30) if one and other else 0
    cut = [text[start : start + _EXCERPT] for text in (one, other)]
    first, second = (
        f"{'…' if start and piece else ''}{piece}{'…' if start + _EXCERPT < len(text) else ''}"
        for piece, text in zip(cut, (one, other), strict=True)
    )
    return first, second


def history_section(history: Sequence[PastRun]) -> dict[str, Any] | None:
    """Scores by date in force; None with a single run."""
    if len(history) < _FEWEST_RUNS:
        return None
    systems: tuple[SystemName, ...] = ("tuned", "base", "reference", "base_open_book")
    curves = []
    for system in systems:
        points = [(i, run.scores[system]) for i, run in enumerate(history) if system in run.scores]
        if points:
            curve = tuple((i, e.value, e.low, e.high) for i, e in points)
            curves.append(plots.Curve(SYSTEM_TITLES[system], plots.COLOURS[system], curve))
    rows = [
        {
            "as_of": str(run.as_of),
            "name": run.run_name,
            "rows": run.rows,
            "champion": run.champion,
            "texts": [with_interval(PRIMARY, run.scores[s]) if s in run.scores else _ABSENT for s in systems],
        }
        for run in reversed(history)
    ]
    return {
        "plot": plots.over_runs(curves, [str(run.as_of) for run in history]),
        "systems": [SYSTEM_TITLES[system] for system in systems],
        "rows": rows[:_LATEST_RUNS],
        "earlier": rows[_LATEST_RUNS:],
    }
