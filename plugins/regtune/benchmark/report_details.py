"""What engineers find at the report's foot: slices, every score, the gate, what generation cost, settings, versions.

In: benchmark.json's record and the files of other stages, read leniently. Out: rows of tables.
"""

import importlib.metadata
import platform
from collections.abc import Mapping
from typing import Any

from regtune.benchmark.metrics import METRICS, PRIMARY
from regtune.benchmark.results import Benchmark
from regtune.benchmark.wording import gain, with_interval
from regtune.contracts import RunSpec

_PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "numpy", "openai", "jinja2")
_ABSENT = "–"


def slice_rows(benchmark: Benchmark) -> list[dict[str, Any]]:
    """The primary metric by part of the questions, a column for each system."""
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


def score_rows(benchmark: Benchmark) -> list[dict[str, Any]]:
    """Every metric, a column for each system."""
    rows = []
    for name, metric in METRICS.items():
        found = [benchmark.score(system.name, name) for system in benchmark.systems]
        texts = [f"{with_interval(name, e)}, n={e.rows}" if e is not None else _ABSENT for e in found]
        rows.append({"title": metric.title, "texts": texts})
    return rows


def gate(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Outcome and expectations of the gate; None without one."""
    listed = report.get("expectations")
    if not isinstance(listed, list) or not listed:
        return None
    rows = [entry for entry in listed if isinstance(entry, dict)]
    keys = ("success", "description", "expected", "observed")
    expectations = [{key: entry.get(key) for key in keys} for entry in rows]
    return {"passed": report.get("passed"), "rows": report.get("rows"), "expectations": expectations}


def generation(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens and counts of the stage that made the questions."""
    parts = [manifest.get(key) for key in ("tokens", "counts")]
    return {str(name): value for part in parts if isinstance(part, dict) for name, value in part.items()}


def scalars(content: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a JSON object."""
    return {key: value for key, value in content.items() if isinstance(value, str | int | float | bool)}


def settings(spec: RunSpec) -> str:
    """The whole resolved configuration as YAML."""
    import yaml

    content = spec.config.model_dump(mode="json", by_alias=True)
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def versions() -> dict[str, str]:
    """Of Python and of the packages that answers depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = _ABSENT
    return found
