"""Scores of earlier runs, and what changed since the last one: files that the scheduler brings from the store.

In: history.json (`{"runs": [PastRun, ...]}`, any order) and changes.json of the stage compare, both optional. Out:
records for the report and the slices. Read leniently: a run is benchmarked without them, and an entry of another shape
is passed over.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from regtune.benchmark.metrics import PRIMARY
from regtune.benchmark.results import Benchmark, Estimate
from regtune.contracts import Contract

_log = logging.getLogger(__name__)


class PastRun(Contract):
    """One benchmarked run as history.json holds it."""

    run_name: str
    as_of: date
    """The corpus is what was in force on this day."""
    rows: int
    scores: dict[str, Estimate]
    """The primary metric by system."""
    champion: bool
    """Its adapter became champion."""


def past_run(benchmark: Benchmark, *, champion: bool) -> PastRun:
    """What history.json keeps of a run."""
    scores = {system.name: benchmark.score(system.name, PRIMARY) for system in benchmark.systems}
    return PastRun(
        run_name=benchmark.run_name,
        as_of=benchmark.as_of,
        rows=benchmark.test_rows + benchmark.pool_rows,
        scores={name: score for name, score in scores.items() if score is not None},
        champion=champion,
    )


def read_history(path: Path, this: PastRun) -> list[PastRun]:
    """Earlier runs and this one, by date and name; this one alone when there is no file."""
    runs = {this.run_name: this}
    listed = read_leniently(path).get("runs", [])
    for entry in listed if isinstance(listed, list) else []:
        try:
            run = PastRun.model_validate(entry)
        except ValidationError:
            _log.warning("%s: an entry of another shape is passed over", path.name)
            continue
        runs.setdefault(run.run_name, run)
    return sorted(runs.values(), key=lambda run: (run.as_of, run.run_name))


def revised_articles(changes: Mapping[str, Any]) -> frozenset[tuple[str, str]] | None:
    """(regulation_id, article) of what is new or changed; None when there is no run before, or nobody compared."""
    listed = changes.get("articles")
    if not changes.get("previous_run") or not isinstance(listed, list):
        return None
    rows: Sequence[Any] = [entry for entry in listed if isinstance(entry, dict) and entry.get("new_article")]
    return frozenset(
        (str(entry.get("regulation_id")), str(entry["new_article"])) for entry in rows if entry.get("kind") != "removed"
    )


def read_leniently(path: Path) -> dict[str, Any]:
    """Return a JSON object that another stage wrote; empty when it is absent or something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
