"""Sections of the report beside the scores: what was revised, earlier runs, cost beside the larger model.

In: changes.json read leniently, past runs, benchmark.json's record. Out: plain values for the template, which escapes
them; nothing that another stage wrote is trusted to have its shape.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from regtune.benchmark import plots
from regtune.benchmark.history import PastRun
from regtune.benchmark.metrics import PRIMARY, SYSTEM_TITLES, SystemName
from regtune.benchmark.results import Benchmark, Efficiency
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


def cost_rows(benchmark: Benchmark) -> list[dict[str, str]]:
    """What a manager asks of each system: how right, how fast, how big, and one for the other."""
    rows = []
    for record in benchmark.efficiency:
        score = benchmark.score(record.system, PRIMARY)
        slow, fast = (record.speeds[0], record.speeds[-1]) if record.speeds else (None, None)
        rows.append(
            {
                "system": record.system,
                "correct": with_interval(PRIMARY, score) if score else _ABSENT,
                "first_token": number(record.first_token_p50_seconds, "초", 2),
                "latency": number(slow.latency_p50_seconds if slow else None, "초"),
                "throughput": f"{number(fast.tokens_per_second, '', 0)} (동시 {fast.concurrency})" if fast else _ABSENT,
                "memory": _memory(record),
                "weights": gib(record.weights_bytes),
                "energy": number(slow.joules_per_answer if slow else None, " J", 1),
                "per_gib": number(record.correct_per_gib, "", 3),
                "per_second": number(record.correct_per_second, "", 3),
            }
        )
    return rows


def _memory(record: Efficiency) -> str:
    """The model's own memory first; what a server keeps of the card is its reserve, no peak of need."""
    if record.model_memory_bytes is None:
        return gib(record.peak_memory_bytes)
    return f"모델 {gib(record.model_memory_bytes)} ({_reserve(record)})"


def _reserve(record: Efficiency) -> str:
    parts = {"서버가 잡아 둔 카드 메모리": record.peak_memory_bytes, "그중 캐시 몫": record.cache_memory_bytes}
    return ", ".join(f"{name} {gib(size)}" for name, size in parts.items() if size is not None)


def memory_card(record: Efficiency, title: str) -> dict[str, str]:
    """Value and note of the card on memory."""
    if record.model_memory_bytes is None:
        return {"value": gib(record.peak_memory_bytes), "note": title}
    return {"value": gib(record.model_memory_bytes), "note": f"카드에 올린 모델 · {_reserve(record)}"}
