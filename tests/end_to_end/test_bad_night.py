"""What can go wrong in a night, with the real Airflow and real SSH: two runs, to which everything happens.

The tests of a run follow one another as its tasks do: each does its harm to one task, and the run goes on.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ssh_hosts import REPOSITORY
from whole_stage import Stage, wait_until

from regtune.artifacts import sha256_of_file

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(900)]
TRAVEL = {"effective_date": "2024-07-01", "regulations": ["travel"], "force": True}
OUTAGE_SECONDS = 120
NEW_TAG, NEW_WORDS = "next-version", "the next version speaks"


@pytest.fixture(scope="module")
def night(stage: Stage) -> Iterator[str]:
    """Start a run whose parse, chunk, serve and validate wait for their test; gives its id."""
    stage.services.start_endpoint()
    for name in ("parse", "chunk", "serve", "validate"):
        (stage.thumb / f"hold-{name}").touch()
    yield stage.services.api.trigger(TRAVEL)
    for held in stage.thumb.glob("hold-*"):
        held.unlink()


@pytest.fixture(scope="module")
def broken(stage: Stage) -> Iterator[str]:
    """Start a run after somebody gave host 02 a new host key and took our key from host 48; gives the run's id."""
    keys = stage.services.state_dir / "keys"
    kept = keys.rename(keys.with_name("keys_kept"))
    keys.mkdir()
    for name in ("02", "48"):
        stage.services.crash(f"host_{name}")
    (keys / "host_key_02").write_bytes((kept / "host_key_48").read_bytes())
    (keys / "host_key_48").write_bytes((kept / "host_key_48").read_bytes())
    (keys / "authorized_keys").write_bytes((kept / "host_key_48.pub").read_bytes())
    (keys / "client_key").write_bytes((kept / "client_key").read_bytes())
    (keys / "client_key").chmod(0o600)
    for name in ("02", "48"):
        stage.services.start_host(name)
    yield stage.services.api.trigger({**TRAVEL, "skip_training": True})
    for fault in [*stage.thumb.glob("full-*"), stage.services.fault_file("02")]:
        fault.unlink(missing_ok=True)


def test_a_killed_triggerer_takes_its_jobs_up_again(stage: Stage, night: str) -> None:
    """The job runs on without a worker, its log stands once in the task's log, and no second try is needed."""
    stage.wait_for(night, "parse", {"deferred"})
    wait_until(lambda: "trigger regtune/" in stage.services.api.log(night, "parse"), 60)
    pools = {pool["name"]: pool for pool in stage.services.api.request("GET", "/pools")["pools"]}
    assert pools["regtune_gpu_02"]["deferred_slots"] == 1
    assert [pool["running_slots"] for pool in pools.values()] == [0] * len(pools)  # no worker, while the host works
    stage.services.crash("triggerer")
    (stage.thumb / "hold-parse").unlink()
    stage.services.start_component("triggerer")
    assert settled(stage, night, "parse") == ("success", 1)
    assert starts(stage, night, "parse") == 1


def test_an_outage_of_two_minutes_costs_no_try(stage: Stage, night: str) -> None:
    """The host's SSH is away for two minutes; its job ends meanwhile, and is found when the host answers again."""
    stage.wait_for(night, "chunk", {"deferred"})
    wait_until(lambda: "trigger regtune/" in stage.services.api.log(night, "chunk"), 60)
    stage.services.crash("host_02", alone=True)
    (stage.thumb / "hold-chunk").unlink()
    time.sleep(OUTAGE_SECONDS)
    stage.services.start_host("02")
    assert settled(stage, night, "chunk") == ("success", 1)
    assert starts(stage, night, "chunk") == 1


def test_a_killed_worker_leaves_its_job_to_the_next_try(stage: Stage, night: str) -> None:
    """A worker dies just after it submitted: the retry finds the job still running and starts no other."""
    wait_until(lambda: any(" serve " in command for command in stage.processes()), 120)
    [task] = [task for task in stage.services.api.tasks(night) if task["task_id"] == "serve"]
    os.kill(task["pid"], signal.SIGKILL)
    wait_until(lambda: tries(stage, night, "serve") == 2, 180)
    (stage.thumb / "hold-serve").unlink()
    assert settled(stage, night, "serve") == ("success", 2)
    assert "going on with the job of an earlier try" in stage.services.api.log(night, "serve", 2)


def test_a_rebooted_host_costs_one_try(stage: Stage, night: str) -> None:
    """The job is gone, its folder is there: the try fails within seconds and the next one does the work."""
    stage.wait_for(night, "validate", {"deferred"})
    wait_until(lambda: any(" validate " in command for command in stage.processes()), 60)
    stage.services.crash("host_02")
    (stage.thumb / "hold-validate").unlink()
    stage.services.start_host("02")
    assert settled(stage, night, "validate") == ("success", 2)
    assert "gone without an exit code" in stage.services.api.log(night, "validate", 1)


def test_everything_of_airflow_killed_and_upgraded_changes_nothing(stage: Stage, night: str, tmp_path: Path) -> None:
    """It dies under train and comes back with another package, another DAG file, and a setting that run.json lacks.

    The run goes on, on the hosts with its own zipapp, of which the new package would say otherwise.
    """
    api, components = stage.services.api, ("api-server", "scheduler", "dag-processor", "triggerer")
    stage.wait_for(night, "train", {"deferred"}, 600)
    for name in components:
        stage.services.crash(name)
    assert any(" train " in command for command in stage.processes())
    upgrade(stage, tmp_path)
    migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
    subprocess.run(migrate, env=stage.services.environment, check=True, capture_output=True)
    for name in components:
        stage.services.start_component(name)
        wait_until(lambda: answers(stage), 300)  # workers give up on an API that is still making its routes
    wait_until(lambda: NEW_TAG in tags(stage), 300)
    assert settled(stage, night, "train", 600) == ("success", 1)
    assert starts(stage, night, "train") == 1
    assert api.wait(night, 600) == "success", stage.story(night)
    spec = stage.store.spec(str(api.xcom(night, "open_run")))
    log = api.log(night, "benchmark")
    assert f"regtune-{spec.code_sha256[:12]}.pyz benchmark" in log
    assert "benchmark: run " in log
    assert NEW_WORDS not in log


def upgrade(stage: Stage, folder: Path) -> None:
    """Lay the next version of package and DAG into a folder, and point Airflow and the settings to it."""
    for name in ("plugins", "dags"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "include").symlink_to(REPOSITORY / "include")
    for file, known, new in (
        ("plugins/regtune/config.py", "    turn_seconds: PositiveFloat\n", "    next_setting: int\n"),
        ("plugins/regtune/stages.py", "        started_at, started", f'        _log.info("{NEW_WORDS}")\n'),
        ("dags/regtune.py", 'tags=["regtune", ', f'"{NEW_TAG}", '),
    ):
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(known) == 1, file
        changed = new + known if file.endswith("stages.py") else known + new
        (folder / file).write_text(text.replace(known, changed), encoding="utf-8")
    settings = yaml.safe_load(stage.config_path.read_text(encoding="utf-8"))
    settings["orchestration"]["next_setting"] = 1
    stage.config_path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    for name in ("plugins", "dags"):
        stage.services.airflow_settings[f"AIRFLOW__CORE__{name.upper()}_FOLDER"] = str(folder / name)


def answers(stage: Stage) -> bool:
    """Whether Airflow's API serves workers again."""
    stage.services.api.execution_health()
    return True


def tags(stage: Stage) -> list[str]:
    """Tags of the DAG as Airflow has parsed it."""
    return [tag["name"] for tag in stage.services.api.request("GET", "/dags/regtune")["tags"]]


def test_after_the_night_nothing_is_lost_or_left(stage: Stage, night: str) -> None:
    """Every task is green, each stage ran to its end once, and no process and no job folder is left on a host."""
    assert set(stage.services.api.task_states(night).values()) == {"success"}
    for name in ("generate", "validate", "train", "benchmark"):
        log = "\n".join(stage.services.api.log(night, name, n + 1) for n in range(tries(stage, night, name)))
        assert log.count(f"{name}: done in") == 1, log
    assert stage.processes() == []
    for name in ("02", "48"):
        assert list((stage.services.host_folder(name) / "regtune" / "jobs").iterdir()) == []


def test_a_changed_host_key_and_a_refused_key_are_told_as_such(stage: Stage, broken: str) -> None:
    """Neither is taken for an outage: both checks fail with a line that names the host and what to look at."""
    assert stage.services.api.wait(broken, 300) == "failed"
    assert "host key" in last_log(stage, broken, "check_02").lower()
    assert "authentication" in last_log(stage, broken, "check_48").lower()
    keys = stage.services.state_dir / "keys"
    shutil.rmtree(keys)
    keys.with_name("keys_kept").rename(keys)
    for name in ("02", "48"):
        stage.services.crash(f"host_{name}")
        stage.services.start_host(name)


def test_a_full_disk_is_one_line_and_loses_nothing(stage: Stage, broken: str) -> None:
    """The run folder's file system has no byte left: file, reason and remedy are told, nothing is stored."""
    (stage.thumb / "full-parse").touch()
    clear(stage, broken, ["check_02", "check_48"])
    stage.wait_for(broken, "parse", {"failed"})
    log = last_log(stage, broken, "parse")
    assert "make room and start again" in log
    assert "No space left on device" in log or "no file system can be mounted here" in log
    assert not stage.store.has(str(stage.services.api.xcom(broken, "open_run")), "provisions.jsonl")
    (stage.thumb / "full-parse").unlink()


def test_a_file_altered_in_transit_is_refused(stage: Stage, broken: str) -> None:
    """What arrives on the host is not what was sent: the task fails before anything reads it."""
    wait_until(lambda: stage.services.api.run(broken)["state"] == "failed", 60)
    code = stage.services.host_folder("02") / "regtune" / "code"
    shutil.rmtree(code)
    shutil.rmtree(code.with_name("files"))
    stage.services.fault_file("02").touch()
    clear(stage, broken, ["parse"])
    stage.wait_for(broken, "parse", {"failed"})
    assert "arrived altered" in last_log(stage, broken, "parse")
    stage.services.fault_file("02").unlink()


def test_a_task_failed_by_hand_while_nobody_watches_leaves_no_job(stage: Stage, broken: str) -> None:
    """No trigger hears of it, as in the second before one starts: the job ends once the triggerer is there again."""
    wait_until(lambda: stage.services.api.run(broken)["state"] == "failed", 60)
    (stage.thumb / "hold-parse").touch()
    clear(stage, broken, ["parse"])
    stage.wait_for(broken, "parse", {"deferred"})
    stage.services.crash("triggerer")
    task = f"/dags/regtune/dagRuns/{urllib.parse.quote(broken)}/taskInstances/parse"
    stage.services.api.request("PATCH", task, {"new_state": "failed"})
    assert any(" parse " in command for command in stage.processes())
    stage.services.start_component("triggerer")
    wait_until(lambda: not any(" parse " in command for command in stage.processes()), 120)
    (stage.thumb / "hold-parse").unlink()


def test_a_second_run_waits_for_the_first(stage: Stage, broken: str) -> None:
    """Cleared, the run goes on; a run triggered meanwhile starts when it has ended, and touches nothing of it."""
    wait_until(lambda: stage.services.api.run(broken)["state"] == "failed", 60)
    (stage.thumb / "hold-chunk").touch()
    clear(stage, broken, ["parse"])
    stage.wait_for(broken, "chunk", {"running", "deferred"})
    second = stage.services.api.trigger({**TRAVEL, "skip_training": True})
    time.sleep(5)
    assert stage.services.api.run(second)["state"] == "queued"
    (stage.thumb / "hold-chunk").unlink()
    assert stage.services.api.wait(broken, 300) == "success", stage.story(broken)
    stage.services.api.request("PATCH", f"/dags/regtune/dagRuns/{second}", {"state": "failed"})


def test_a_finished_run_that_is_cleared_finds_itself_finished(stage: Stage, broken: str) -> None:
    """One task alone, then with all that follows: each finds what it made the first time, byte for byte."""
    name = str(stage.services.api.xcom(broken, "open_run"))
    store = Path(stage.store.location(name))
    before = {path.name: sha256_of_file(path) for path in store.glob("*.jsonl")}
    ran = {task["task_id"]: task["try_number"] for task in stage.services.api.tasks(broken)}
    clear(stage, broken, ["chunk"], downstream=False)
    assert stage.services.api.wait(broken, 300) == "success", stage.story(broken)
    again = {task["task_id"]: task["try_number"] for task in stage.services.api.tasks(broken)}
    assert {name for name in ran if again[name] != ran[name]} == {"chunk"}
    clear(stage, broken, ["chunk"])
    assert stage.services.api.wait(broken, 300) == "success", stage.story(broken)
    assert {path.name: sha256_of_file(path) for path in store.glob("*.jsonl")} == before
    assert "nothing to do" in last_log(stage, broken, "generate")


def test_a_run_that_is_failed_by_hand_stays_failed(stage: Stage, broken: str) -> None:
    """Airflow would take its skipped last task for a success; its jobs are gone from the hosts."""
    assert broken
    run_id = stage.services.api.trigger({**TRAVEL, "skip_training": True})
    stage.wait_for(run_id, "check_02", {"running", "deferred"})
    path = f"/dags/regtune/dagRuns/{urllib.parse.quote(run_id, safe='')}"
    stage.services.api.request("PATCH", path, {"state": "failed"})
    wait_until(lambda: stage.services.api.run(run_id)["state"] != "running", 300)
    assert stage.services.api.run(run_id)["state"] == "failed"
    wait_until(lambda: stage.processes() == [], 120)


def settled(stage: Stage, run_id: str, task_id: str, seconds: float = 300) -> tuple[str, int]:
    """Wait for the task's end; gives its state and how many tries it took."""
    stage.wait_for(run_id, task_id, {"success", "failed", "upstream_failed"}, seconds)
    [task] = [task for task in stage.services.api.tasks(run_id) if task["task_id"] == task_id]
    return task["state"], task["try_number"]


def tries(stage: Stage, run_id: str, task_id: str) -> int:
    """How many tries a task has begun."""
    [task] = [task for task in stage.services.api.tasks(run_id) if task["task_id"] == task_id]
    return int(task["try_number"])


def starts(stage: Stage, run_id: str, task_id: str) -> int:
    """How often the stage has said that it begins, over all tries."""
    logs = [stage.services.api.log(run_id, task_id, n + 1) for n in range(tries(stage, run_id, task_id))]
    return sum(line.count(f"{task_id}: run ") for log in logs for line in log.splitlines() if "corpus in force" in line)


def last_log(stage: Stage, run_id: str, task_id: str) -> str:
    """Log of the task's last try."""
    return stage.services.api.log(run_id, task_id, tries(stage, run_id, task_id))


def clear(stage: Stage, run_id: str, task_ids: list[str], *, downstream: bool = True) -> None:
    """Clear tasks, and all that comes after them, as a person does in the UI."""
    body = {"dag_run_id": run_id, "task_ids": task_ids, "include_downstream": downstream, "only_failed": False}
    stage.services.api.request("POST", "/dags/regtune/clearTaskInstances", {**body, "dry_run": False})
