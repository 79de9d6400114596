"""What a killed benchmark leaves behind: SIGKILL at thirty random points, against a server that notes every request."""

import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from counting_server import counting_server

from regtune.artifacts import load_spec, read_json, read_jsonl
from regtune.benchmark import benchmark
from regtune.benchmark.results import Benchmark
from regtune.benchmark.rows import Answer
from regtune.contracts import RunSpec
from regtune.llm import JOURNAL_FILE

KILLS = 30


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_thirty_kills_ask_no_answered_call_again(run_folder: tuple[Path, RunSpec]) -> None:
    """No reply on disk is asked for again, no local answer made anew, and the results are those of an unkilled run."""
    draw, kills, finished = random.Random(7), 0, 0
    context = multiprocessing.get_context("fork")  # torch is imported here already: 30 imports are saved
    with counting_server(seconds=0.002) as (url, arrived):
        run_dir, spec = small(run_folder, url)
        replies = (run_dir / spec.config.endpoints.cache_dir / JOURNAL_FILE).resolve()
        local = run_dir / ".benchmark.answers.jsonl"
        benchmark.run(run_dir, spec)
        expected = results(run_dir)
        fresh(run_dir, replies)
        while kills < KILLS:
            before, made, seen = keys(replies), local_answers(local), len(arrived)
            process = context.Process(target=run_stage, args=(run_dir, url), daemon=True)
            process.start()
            point, deadline = draw.randint(0, 12), time.monotonic() + 60
            while process.is_alive() and time.monotonic() < deadline:
                if len(arrived) - seen + len(local_answers(local)) - len(made) >= point:
                    break
                time.sleep(0.004)
            time.sleep(draw.random() * 0.02)
            if process.is_alive():
                os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            assert not before & set(arrived[seen:]), "a reply was asked for twice"
            if process.exitcode == -signal.SIGKILL:
                kills += 1
                now = local_answers(local)
                assert all(now.get(key) == answer for key, answer in made.items()), "a local answer was made anew"
            else:
                assert process.exitcode == 0
                assert results(run_dir) == expected
                finished += 1
                fresh(run_dir, replies)
        benchmark.run(run_dir, spec)
    assert results(run_dir) == expected
    assert finished  # the kills were spread over whole runs


def small(run_folder: tuple[Path, RunSpec], url: str) -> tuple[Path, RunSpec]:
    """The run folder with judge and reference behind the counting server, and little to measure."""
    run_dir, spec = run_folder
    config = spec.config
    endpoint = config.endpoints.judge.model_copy(update={"base_urls": (url,)})
    endpoints = config.endpoints.model_copy(update=dict.fromkeys(("judge", "reference"), endpoint))
    efficiency = config.benchmark.efficiency.model_copy(update={"requests": 1, "concurrency": (1,)})
    systems = ("base", "tuned", "reference")
    update = {"systems": systems, "max_new_tokens": 2, "bootstrap_samples": 20, "efficiency": efficiency}
    settings = config.model_copy(
        update={"endpoints": endpoints, "benchmark": config.benchmark.model_copy(update=update)}
    )
    return run_dir, spec.model_copy(update={"config": settings})


def run_stage(run_dir: Path, url: str) -> None:
    """What the child does."""
    benchmark.run(*small((run_dir, load_spec(run_dir)), url))


def keys(replies: Path) -> set[str]:
    """Keys of the whole lines of the endpoints' journal."""
    if not replies.exists():
        return set()
    lines = replies.read_bytes().split(b"\n")
    return {json.loads(line)["key"] for line in lines[:-1] if line.startswith(b"{") and line.endswith(b"}")}


def local_answers(journal: Path) -> dict[str, Any]:
    """What local models answered and what was measured, by key; of a key that is there twice the last."""
    if not journal.exists():
        return {}
    lines = journal.read_text(encoding="utf-8", errors="replace").split("\n")
    return {row["key"]: row for line in lines if line.endswith("}") for row in [json.loads(line)]}


def results(run_dir: Path) -> tuple[Any, ...]:
    """All that a run says but for times."""
    answers = [a.model_copy(update={"seconds": 0.0}) for a in read_jsonl(run_dir / "answers.jsonl", Answer)]
    record = read_json(run_dir / "benchmark.json", Benchmark)
    verdicts = (run_dir / "verdicts.jsonl").read_bytes()
    return answers, verdicts, record.scores, record.differences, record.comparisons, record.headline


def fresh(run_dir: Path, replies: Path) -> None:
    """As before the first try."""
    replies.unlink(missing_ok=True)
    for name in ("answers.jsonl", "verdicts.jsonl", "benchmark.json", "report.html"):
        (run_dir / name).unlink(missing_ok=True)
