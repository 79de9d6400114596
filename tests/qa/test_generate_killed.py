"""What a killed generate leaves behind: SIGKILL at fifty random points, against a server that notes every request."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from counting_server import counting_server
from generate_run import OUTPUTS, generated, hashes, prepared

from regtune.config import PipelineConfig, Quota
from regtune.llm import JOURNAL_FILE

KILLS = 50
QUOTA = Quota(lookup=9, procedure=5, negative=3)
POOL = Quota(lookup=3, procedure=1, negative=2)
FAULTS = ("invalid_json=0.1", "duplicate=0.1", "server_error=0.05")


def answered(journal: Path) -> set[str]:
    """Keys of the whole lines of the journal."""
    if not journal.exists():
        return set()
    lines = journal.read_bytes().split(b"\n")
    return {json.loads(line)["key"] for line in lines[:-1] if line.startswith(b"{") and line.endswith(b"}}")}


def test_fifty_kills_lose_nothing_and_pay_nothing_twice(
    tmp_path: Path, demo_config: PipelineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request that the journal holds is sent again, and the files are those of a run that nobody killed."""
    draw = random.Random(7)
    run_dir, journal = tmp_path / "killed" / "run", tmp_path / "killed" / "cache" / JOURNAL_FILE
    # Children of a server that has everything imported start within milliseconds; it looks where PYTHONPATH says.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["generate_run", "openai.resources.chat.completions"])
    kills = finished = 0
    with counting_server(FAULTS, seconds=0.002) as (url, arrived):
        whole = tmp_path / "whole" / "run"
        generated(whole, demo_config, url, quota=QUOTA, pool=POOL)
        expected = hashes(whole)
        prepared(run_dir, demo_config, url, quota=QUOTA, pool=POOL)
        while kills < KILLS:
            before, seen = answered(journal), len(arrived)
            process = context.Process(target=run_stage, args=(run_dir,), daemon=True)
            process.start()
            point, deadline = seen + draw.randint(0, 10), time.monotonic() + 30
            while process.is_alive() and len(arrived) < point and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(draw.random() * 0.01)
            if process.is_alive():
                os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            assert not before & set(arrived[seen:])
            if process.exitcode == -signal.SIGKILL:
                kills += 1
                assert hashes(run_dir).items() <= expected.items()  # what is there already is whole
            else:
                assert process.exitcode == 0
                assert hashes(run_dir) == expected
                finished += 1
                shutil.rmtree(journal.parent)
                for name in OUTPUTS:
                    (run_dir / name).unlink()
        result = generated(run_dir, demo_config, url, quota=QUOTA, pool=POOL)
    assert hashes(run_dir) == expected
    assert result.tokens["calls"] == len(answered(journal))  # the ledger is that of all processes together
    assert result.tokens["cached_calls"] == 0
    assert finished  # the kills were spread over whole runs


def run_stage(run_dir: Path) -> None:
    """What the child does."""
    from regtune.artifacts import load_spec
    from regtune.qa import generate

    generate.run(run_dir, load_spec(run_dir))
