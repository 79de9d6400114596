"""What the page shows of a run, read from the files of its folder.

In: run.json, changes.json, gate_report.json, publish.json, benchmark.json and the manifests, as far as they are there.
Out: a RunSummary. Runs of years lie in one store, made by the code of their day: a missing or strange field is no
error here but an absent figure, and the strict models of the stages are not used.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Json = Mapping[str, Any]
_PRIMARY = "correct"
COUNTED = {"provisions.jsonl": "parse", "chunks.jsonl": "chunk", "qa_pairs.jsonl": "generate"}
"""Artifact -> the stage whose manifest has its number of records."""
_LARGEST = 1e15
"""Of any figure of a run; beyond it, and infinite, is a broken file."""
_COUNT = re.compile(r"^(?:reference|judge)_")


@dataclass(frozen=True)
class Corpus:
    """One regulation of a run."""

    regulation_id: str
    title: str
    effective_date: str
    sha256: str


@dataclass(frozen=True)
class Gate:
    """The gate's verdict."""

    passed: bool
    rows: int
    pool_rows: int
    expectations: tuple[Json, ...]
    """description, expected, observed: text; success."""
    reasons: Mapping[str, int]

    @property
    def failed(self) -> tuple[Json, ...]:
        """Expectations that were not met."""
        return tuple(e for e in self.expectations if not e["success"])


@dataclass(frozen=True)
class Interval:
    """A mean with its 95% interval."""

    value: float
    low: float
    high: float
    rows: int = 0


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    seconds: float
    """Of all stages together; what an earlier run made is counted there, not here."""
    train_seconds: float | None
    tokens: int
    """Prompt and completion of every model that was asked."""
    calls: int
    cached_calls: int


@dataclass(frozen=True)
class RunSummary:
    """One run."""

    run_name: str
    as_of: date
    corpus: tuple[Corpus, ...]
    skip_training: bool
    counts: Mapping[str, int]
    """Records by artifact name."""
    gate: Gate | None
    decision: str | None
    """As publish.json has it; None before publish."""
    headline: str | None
    reason: str | None
    previous_run: str | None
    """The run that this one was compared with."""
    changes: str | None
    """What differs from the run before, in one sentence of changes.json."""
    warnings: tuple[str, ...]
    stand_ins: tuple[str, ...]
    scores: Mapping[str, Mapping[str, Interval]]
    """Metric -> system -> estimate."""
    gain: Interval | None
    """tuned minus base on the primary metric."""
    gain_shown: bool
    stages: Mapping[str, float]
    """Seconds of each finished stage, in the order in which they began."""
    cost: Cost
    started_at: str
    """ISO 8601 of the first stage; empty before it."""
    artifacts: frozenset[str]
    """Top-level names of the folder."""
    unreadable: tuple[str, ...] = ()
    """Files that are there and no JSON object."""

    def score(self, system: str) -> Interval | None:
        """Return the primary metric of one system."""
        return self.scores.get(_PRIMARY, {}).get(system)


def summarise(
    run_name: str, files: Mapping[str, Json], artifacts: frozenset[str], unreadable: Iterable[str] = ()
) -> RunSummary:
    """Read a run.

    Args:
        run_name: `<as_of>-<hash>`.
        files: parsed JSON by file name; what is absent or no object is left out.
        artifacts: names in the folder.
        unreadable: names of those that were left out.
    """
    spec, published, benchmark = (files.get(f"{name}.json", {}) for name in ("run", "publish", "benchmark"))
    manifests = {name.removesuffix(".manifest.json"): m for name, m in files.items() if name.endswith(".manifest.json")}
    ordered = dict(sorted(manifests.items(), key=lambda item: str(item[1].get("started_at", ""))))
    gain = _gain(benchmark)
    return RunSummary(
        run_name=run_name,
        as_of=date.fromisoformat(run_name[:10]),
        corpus=corpus_of(spec),
        skip_training=bool(spec.get("skip_training")),
        counts=_counts(manifests),
        gate=_gate(files.get("gate_report.json")),
        decision=_text(published.get("decision")),
        headline=_text(published.get("headline")),
        reason=_text(published.get("reason")),
        previous_run=_text(files.get("changes.json", {}).get("previous_run")),
        changes=_text(files.get("changes.json", {}).get("summary")),
        warnings=_texts(published.get("warnings")),
        stand_ins=_texts(published.get("stand_ins")),
        scores=_scores(benchmark),
        gain=gain,
        gain_shown=gain is not None and (gain.low > 0 or gain.high < 0),
        stages={name: _number(manifest.get("seconds")) or 0.0 for name, manifest in ordered.items()},
        cost=_cost(manifests),
        started_at=min((str(m["started_at"]) for m in manifests.values() if m.get("started_at")), default=""),
        artifacts=artifacts,
        unreadable=tuple(sorted(unreadable)),
    )


def corpus_of(spec: Json) -> tuple[Corpus, ...]:
    """Read the regulations of run.json."""
    return tuple(
        Corpus(*(str(source.get(name, "")) for name in ("regulation_id", "title", "effective_date", "sha256")))
        for source in _objects(spec.get("sources"))
    )


def _counts(manifests: Mapping[str, Json]) -> dict[str, int]:
    found = {}
    for artifact, stage in COUNTED.items():
        records = _object(_object(manifests.get(stage, {}).get("outputs")).get(artifact)).get("records")
        if isinstance(records, int):
            found[artifact] = records
    return found


def _gate(report: Json | None) -> Gate | None:
    if report is None or not isinstance(report.get("passed"), bool):
        return None
    return Gate(
        passed=report["passed"],
        rows=int(_number(report.get("rows")) or 0),
        pool_rows=int(_number(report.get("pool_rows")) or 0),
        expectations=tuple(_expectation(e) for e in _objects(report.get("expectations"))),
        reasons={str(k): int(v) for k, v in _object(report.get("reasons")).items() if isinstance(v, int)},
    )


def _expectation(expectation: Json) -> Json:
    words = {name: _text(expectation.get(name)) or "–" for name in ("description", "expected", "observed")}
    return {**words, "success": expectation.get("success") is True}


def _scores(benchmark: Json) -> dict[str, dict[str, Interval]]:
    scores: dict[str, dict[str, Interval]] = {}
    for score in _objects(benchmark.get("scores")):
        estimate = _interval(score.get("estimate"))
        if estimate is not None:
            scores.setdefault(str(score.get("metric")), {})[str(score.get("system"))] = estimate
    return scores


def _gain(benchmark: Json) -> Interval | None:
    for difference in _objects(benchmark.get("differences")):
        if (difference.get("system"), difference.get("baseline"), difference.get("metric")) == (
            "tuned",
            "base",
            _PRIMARY,
        ):
            return _interval(difference.get("estimate"))
    return None


def _interval(estimate: object) -> Interval | None:
    found = [_number(_object(estimate).get(name)) for name in ("value", "low", "high")]
    if any(number is None for number in found):
        return None
    value, low, high = (number or 0.0 for number in found)
    return Interval(value, low, high, int(_number(_object(estimate).get("rows")) or 0))


def _cost(manifests: Mapping[str, Json]) -> Cost:
    used = [_object(manifest.get("tokens")) for manifest in manifests.values()]

    def total(kind: str) -> int:
        """Sum a count of every model that was asked; benchmark's names say whose it is, e.g. `judge_calls`."""
        return int(sum(_number(v) or 0 for tokens in used for k, v in tokens.items() if _COUNT.sub("", k) == kind))

    return Cost(
        seconds=sum(_number(manifest.get("seconds")) or 0.0 for manifest in manifests.values()),
        train_seconds=_number(manifests.get("train", {}).get("seconds")),
        tokens=total("prompt_tokens") + total("completion_tokens"),
        calls=total("calls"),
        cached_calls=total("cached_calls"),
    )


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:
        return float(value)
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
