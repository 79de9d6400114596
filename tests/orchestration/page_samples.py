"""Runs in a store, as the tests of the page need them: only the files that the page reads."""

import json
from pathlib import Path
from typing import Any

RUN = "2025-07-01-aaaaaaaaaaaa"


def estimate(value: float, low: float, high: float) -> dict[str, Any]:
    """One estimate of benchmark.json."""
    return {"value": value, "low": low, "high": high, "rows": 330, "articles": 100}


def files_of_a_run() -> dict[str, Any]:
    """A run from end to end, one expectation refused."""
    manifest = {"seconds": 10.0, "outputs": {}, "tokens": {}}
    pairs = {"qa_pairs.jsonl": {"sha256": "0", "bytes": 1, "records": 300}}
    asked = {"calls": 7, "cached_calls": 3, "failed_calls": 1, "prompt_tokens": 700, "cached_prompt_tokens": 50}
    judged = {"judge_calls": 2, "judge_prompt_tokens": 200, "judge_completion_tokens": 40, "reference_calls": 1}
    source = {
        "regulation_id": "travel",
        "title": "여비규정",
        "effective_date": "2025-07-01",
        "file": "t.pdf",
        "sha256": "ab",
    }
    expectation = {"name": "e", "column": None, "description": "기준", "expected": "2%", "observed": "80%"}
    difference = {"system": "tuned", "baseline": "base", "metric": "correct", "estimate": estimate(0.2, 0.1, 0.3)}
    return {
        "run.json": {"run_name": RUN, "sources": [source], "skip_training": False},
        "gate_report.json": {
            "passed": False, "rows": 300, "pool_rows": 90, "reasons": {"wrong_number": 4},
            "expectations": [{**expectation, "success": False}, {**expectation, "success": True}],
        },
        "publish.json": {
            "decision": "champion", "headline": "정답률은 70%입니다.", "reason": "기준을 넘었습니다.",
            "warnings": ["경고"], "stand_ins": ["판정 모델"],
        },
        "benchmark.json": {
            "scores": [
                {"system": "tuned", "metric": "correct", "estimate": estimate(0.7, 0.6, 0.8)},
                {"system": "base", "metric": "correct", "estimate": estimate(0.5, 0.4, 0.6)},
                {"system": "tuned", "metric": "judge_correctness", "estimate": estimate(4.2, 4.0, 4.4)},
            ],
            "differences": [difference],
        },
        "changes.json": {"previous_run": "2025-01-01-bbbbbbbbbbbb", "summary": "1개 조문이 바뀌었습니다."},
        "parse.manifest.json": {**manifest, "stage": "parse", "started_at": "2025-07-01T00:00:00+00:00"},
        "generate.manifest.json": {
            **manifest, "stage": "generate", "started_at": "2025-07-01T00:01:00+00:00", "outputs": pairs,
            "tokens": {**asked, "completion_tokens": 60},
        },
        "benchmark.manifest.json": {
            **manifest, "stage": "benchmark", "started_at": "2025-07-01T02:00:00+00:00", "tokens": judged,
        },
        "train.manifest.json": {
            **manifest, "stage": "train", "started_at": "2025-07-01T00:02:00+00:00", "seconds": 3600.0,
        },
    }  # fmt: skip


def put_run(store: Path, run_name: str = RUN, files: dict[str, Any] | None = None) -> Path:
    """Write a run into a store; returns its folder."""
    home = store / "runs" / run_name
    home.mkdir(parents=True)
    for name, content in (files_of_a_run() if files is None else files).items():
        (home / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return home
