"""A task that somebody ended by hand: what its try left on the host is ended and cleared up, and nothing else."""

import asyncio
from pathlib import Path

import pytest
import yaml
from opened_run import OpenedRun
from ssh_hosts import REPOSITORY, SshHost
from test_remote_stage import context, deferred, ends, operator, stage_does, wait_for

from regtune.orchestration.ended_by_hand import end_jobs


@pytest.fixture(autouse=True)
def scheduler(run: OpenedRun, host: SshHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect Airflow to the host, and let its settings name the run's."""
    settings = yaml.safe_load((REPOSITORY / "include" / "config" / "demo.yaml").read_text(encoding="utf-8"))
    settings["publish"]["store"] = run.store.url
    settings["hosts"]["02"] |= {"python": run.host_config.python, "base_dir": run.host_config.base_dir}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    monkeypatch.setenv("REGTUNE_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("AIRFLOW_CONN_REGTUNE_02", host.airflow_connection())


def test_the_job_of_the_try_ends_and_no_other(run: OpenedRun) -> None:
    """Another try, another run and a task of the scheduler's end nothing; the try itself ends its process group."""
    (run.host.home / "pid").unlink(missing_ok=True)
    stage_does(run, 'echo $$ > "$HOME/pid"; sleep 60')
    deferred(operator(run), context())
    pid = wait_for(run.host.home / "pid")
    for task_id, run_id, try_number in (
        ("parse", "manual__1", 2), ("parse", "manual__", 1), ("chunk", "manual__1", 1), ("gate", "manual__1", 1),
    ):  # fmt: skip
        asyncio.run(end_jobs(task_id, run_id, try_number))
    assert Path(f"/proc/{pid}").exists()
    asyncio.run(end_jobs("parse", "manual__1", 1))
    assert ends(pid)
    asyncio.run(end_jobs("parse", "manual__1", 1))


def test_no_job_folder_is_left_and_the_end_of_its_log_is_in_the_store(run: OpenedRun) -> None:
    """The folder lay on the host until keep_days were over."""
    jobs = Path(run.host_config.base_dir) / "jobs"
    (run.host.home / "pid").unlink(missing_ok=True)
    stage_does(run, 'echo "half of it is done"; echo $$ > "$HOME/pid"; sleep 60')
    deferred(operator(run), context())
    pid = wait_for(run.host.home / "pid")
    assert len(list(jobs.iterdir())) == 1
    asyncio.run(end_jobs("parse", "manual__1", 1, run.spec.run_name))
    assert ends(pid)
    assert list(jobs.iterdir()) == []
    log = Path(run.store.location(run.spec.run_name)) / "logs" / "parse.1.log"
    assert "half of it is done" in log.read_text(encoding="utf-8")
