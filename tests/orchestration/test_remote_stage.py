"""One stage on a real host over real SSH: started once, watched, ended when it has to end, its files in the store."""

import asyncio
import json
import os
import re
import shlex
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskDeferred
from opened_run import OpenedRun
from outage import Outage
from ssh_hosts import SshHost

from regtune.artifacts import spec_sha256
from regtune.errors import SAME_AGAIN, ConfigurationError
from regtune.orchestration.failures import GateRefusedFailure
from regtune.orchestration.remote_stage import RemoteStageOperator
from regtune.orchestration.remote_trigger import RemoteStageTrigger

DONE = """
echo "parse: 3 pages"
mkdir -p "$3"; printf '{}\\n' > "$3/provisions.jsonl"; echo '{}' > "$3/parse_report.json"
"$PYTHON" - "$3" <<'PY'
import sys, json, hashlib, pathlib
run = pathlib.Path(sys.argv[1])
def record(name):
    content = (run / name).read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "records": None}
json.dump({"stage": "parse", "run_name": run.name, "spec_sha256": "0", "inputs": {}, "tokens": {}, "seconds": 1.5,
           "outputs": {name: record(name) for name in ("provisions.jsonl", "parse_report.json")},
           "counts": {"provisions": 1}, "started_at": "", "versions": {}}, open(run / "parse.manifest.json", "w"))
PY
"""


class StateStore(dict[str, Any]):
    """Airflow's task state store, in memory."""

    def set(self, key: str, value: object) -> None:
        """Keep what JSON keeps."""
        self[key] = json.loads(json.dumps(value))

    def delete(self, key: str) -> None:
        """Forget."""
        self.pop(key, None)


@pytest.fixture(autouse=True)
def line(monkeypatch: pytest.MonkeyPatch, host: SshHost) -> Iterator[Outage]:
    """Connect Airflow to the host by a line that can be cut."""
    line = Outage(host.port)
    monkeypatch.setenv("AIRFLOW_CONN_REGTUNE_02", host.airflow_connection(line.port))
    monkeypatch.setenv("AIRFLOW_CONN_REGTUNE_48", host.airflow_connection(line.port))
    yield line
    line.cut()


def operator(run: OpenedRun, task_id: str = "parse", **settings: float) -> RemoteStageOperator:
    """Make the task as the DAG does."""
    return RemoteStageOperator(
        task_id=task_id,
        host=run.host_config,
        settings=run.settings.model_copy(update=settings),
        store_url=run.store.url,
        keep_adapter=True,
        run_name=run.spec.run_name,
    )


def stage_does(run: OpenedRun, script: str) -> None:
    """Let the host do `script` in place of the stage."""
    run.script.write_text(f"PYTHON={shlex.quote(run.host_config.python)}\n{script}\n")


def context(state: StateStore | None = None, try_number: int = 1) -> Any:
    """What Airflow hands to a task."""
    ti = SimpleNamespace(dag_id="regtune", task_id="parse", run_id="manual__1", try_number=try_number)
    state = StateStore() if state is None else state
    return {"ti": ti, "task_state_store": state, "outlet_events": {}, "dag_run": SimpleNamespace(clear_number=0)}


def deferred(task: RemoteStageOperator, given: Any) -> RemoteStageTrigger:
    """Execute until it defers; gives the trigger as the triggerer would make it."""
    with pytest.raises(TaskDeferred) as pause:
        task.execute(given)
    classpath, arguments = pause.value.trigger.serialize()
    assert classpath == "regtune.orchestration.remote_trigger.RemoteStageTrigger"
    return RemoteStageTrigger(**json.loads(json.dumps(arguments)))


async def _first(trigger: RemoteStageTrigger) -> dict[str, Any]:
    async for event in trigger.run():
        return dict(event.payload)
    raise AssertionError("no event")


def event_of(trigger: RemoteStageTrigger, seconds: float = 30) -> dict[str, Any]:
    """Run the trigger to its event."""
    return asyncio.run(asyncio.wait_for(_first(trigger), seconds))


def told(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What the task's log says, as Airflow prints it."""
    events = (re.match(r"\S+ \[\w+ *\] (.*?)\s+\[[\w.]+\] ", line) for line in capfd.readouterr().out.splitlines())
    return [event[1] for event in events if event]


def wait_for(path: Path, seconds: float = 15) -> str:
    """Read a file once it has content."""
    end = time.monotonic() + seconds
    while not (path.is_file() and path.read_text()):
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.05)
    return path.read_text().strip()


def ends(pid: str, seconds: float = 15) -> bool:
    """Whether a process ends in time."""
    end = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("quick_seconds", [pytest.param(0.0, id="deferred"), pytest.param(20.0, id="in the worker")])
def test_a_stage_brings_its_outputs_into_the_store(
    run: OpenedRun, capfd: pytest.CaptureFixture[str], tmp_path: Path, quick_seconds: float
) -> None:
    """Inputs are on the host, outputs and manifest in the store, the job's lines in the log, nothing left behind."""
    stage_does(run, 'ls "$3/sources" > "$HOME/saw"' + DONE)
    task, given = operator(run, quick_seconds=quick_seconds), context()
    if quick_seconds:
        task.execute(given)
    else:
        task.execute_complete(given, event_of(deferred(task, given)))
    assert (run.host.home / "saw").read_text().split() == [source.file for source in run.spec.sources]
    assert run.store.has(run.spec.run_name, "provisions.jsonl")
    assert run.store.manifest(run.spec.run_name, "parse") is not None
    lines = told(capfd)
    assert lines.count("parse: 3 pages") == 1
    assert any("provisions=1 (1.5 s)" in line for line in lines)
    assert given["task_state_store"] == {}
    assert list((tmp_path / "base" / "jobs").iterdir()) == []


@pytest.mark.parametrize(
    ("exit_code", "said", "expected", "retried"),
    [
        pytest.param(1, "starting", AirflowException, True, id="bug"),
        pytest.param(2, "starting", AirflowFailException, False, id="configuration"),
        pytest.param(3, "starting", GateRefusedFailure, False, id="refused"),
        pytest.param(4, "starting", AirflowException, True, id="prerequisite"),
        pytest.param(4, SAME_AGAIN, AirflowFailException, False, id="a quota that cannot be filled"),
    ],
)
def test_exit_codes_decide_on_a_retry(
    run: OpenedRun, exit_code: int, said: str, expected: type[Exception], *, retried: bool
) -> None:
    """1 and 4 may be tried again, unless the command says that it changes nothing; its one line is the reason."""
    stage_does(run, f"echo '12:00 {said}'; echo 'regtune: disk: 1 GiB free, 20 needed'; exit {exit_code}")
    task, given = operator(run), context()
    trigger = deferred(task, given)
    with pytest.raises(expected, match="disk: 1 GiB free, 20 needed") as failure:
        task.execute_complete(given, event_of(trigger))
    assert isinstance(failure.value, AirflowFailException) is not retried
    assert given["task_state_store"] == {}


def test_a_killed_job_fails_its_task(run: OpenedRun) -> None:
    """A job that is gone without an exit code is noticed within seconds, not at the timeout."""
    stage_does(run, 'echo $$ > "$HOME/pid"; sleep 60')
    (run.host.home / "pid").unlink(missing_ok=True)
    task, given = operator(run), context()
    trigger = deferred(task, given)
    wait_for(run.host.home / "pid")
    with run.host.connect() as client:
        job = given["task_state_store"]["job"]["job_dir"]
        client.exec_command(f"kill -KILL -- -$(cat {job}/pid)")[1].read()
    event = event_of(trigger, seconds=10)
    assert (event["exit_code"], event["over"]) == (None, True)
    with pytest.raises(AirflowException, match="gone without an exit code"):
        task.execute_complete(given, event)


def test_a_retry_goes_on_with_the_job_of_the_try_before(run: OpenedRun, capfd: pytest.CaptureFixture[str]) -> None:
    """A second try while the job runs starts nothing, and finishes it."""
    (run.host.home / "starts").unlink(missing_ok=True)
    stage_does(run, 'echo start >> "$HOME/starts"; sleep 3' + DONE)
    state = StateStore()
    deferred(operator(run), context(state))
    wait_for(run.host.home / "starts")
    second, given = operator(run), context(state, try_number=2)
    second.execute_complete(given, event_of(deferred(second, given)))
    assert (run.host.home / "starts").read_text() == "start\n"
    assert any("going on with the job of an earlier try" in line for line in told(capfd))
    assert run.store.has(run.spec.run_name, "provisions.jsonl")


def test_a_retry_after_a_failed_job_starts_anew(run: OpenedRun) -> None:
    """A job that failed is not taken for a running one, even when its end was never told."""
    (run.host.home / "starts").unlink(missing_ok=True)
    stage_does(run, 'echo start >> "$HOME/starts"; exit 4')
    state = StateStore()
    deferred(operator(run), context(state))
    wait_for(Path(state["job"]["job_dir"]) / "exit_code")
    deferred(operator(run), context(state, try_number=2))
    time.sleep(1)
    assert (run.host.home / "starts").read_text() == "start\n" * 2


def test_a_worker_killed_before_its_job_was_there_loses_nothing(run: OpenedRun) -> None:
    """The try had written its job down and never submitted it: the next one starts a job, once."""
    (run.host.home / "starts").unlink(missing_ok=True)
    stage_does(run, 'echo start >> "$HOME/starts"' + DONE)
    never = {"job_id": "x", "job_dir": f"{run.host_config.base_dir}/jobs/x", "deadline": time.time() + 60}
    task, given = operator(run), context(StateStore(job=never), try_number=2)
    task.execute_complete(given, event_of(deferred(task, given)))
    assert (run.host.home / "starts").read_text() == "start\n"
    assert run.store.has(run.spec.run_name, "provisions.jsonl")


def test_the_end_of_a_job_is_told_at_once(run: OpenedRun) -> None:
    """The host answers when the job ends, however long poll_seconds is."""
    stage_does(run, "sleep 1" + DONE)
    task, given = operator(run, poll_seconds=600), context()
    assert event_of(deferred(task, given), seconds=120)["exit_code"] == 0


def test_failing_the_task_by_hand_ends_the_job(run: OpenedRun) -> None:
    """on_kill ends the job's whole process group, also what ignores SIGTERM."""
    (run.host.home / "pid").unlink(missing_ok=True)
    stage_does(run, 'bash -c \'trap "" TERM; echo $$ > "$HOME/pid"; while :; do sleep 1; done\'')
    trigger = deferred(operator(run), context())
    pid = wait_for(run.host.home / "pid")
    asyncio.run(trigger.on_kill())
    assert ends(pid)


def test_a_worker_that_is_told_to_stop_ends_the_job(run: OpenedRun) -> None:
    """The operator's on_kill reaches the job that it has started."""
    (run.host.home / "pid").unlink(missing_ok=True)
    stage_does(run, 'echo $$ > "$HOME/pid"; sleep 60')
    task = operator(run)
    deferred(task, context())
    pid = wait_for(run.host.home / "pid")
    task.on_kill()
    assert ends(pid)


def test_a_job_that_overruns_is_ended(run: OpenedRun) -> None:
    """Past stage_timeout_seconds the job is ended before the task fails, so that no retry meets it."""
    (run.host.home / "pid").unlink(missing_ok=True)
    stage_does(run, 'echo $$ > "$HOME/pid"; sleep 60')
    task, given = operator(run, stage_timeout_seconds=1), context()
    trigger = deferred(task, given)
    pid = wait_for(run.host.home / "pid")
    with pytest.raises(AirflowException, match="stage_timeout_seconds"):
        task.execute_complete(given, event_of(trigger))
    assert ends(pid)


def test_a_lost_connection_is_made_again(run: OpenedRun, line: Outage, capfd: pytest.CaptureFixture[str]) -> None:
    """The job outlives the outage; its log goes on where it was, no line lost and none doubled."""
    stage_does(run, 'for i in 1 2 3 4 5 6 7 8; do echo "step $i"; sleep 0.5; done' + DONE)
    task, given = operator(run), context()
    trigger = deferred(task, given)
    cut = threading.Timer(1.5, line.cut)
    cut.start()
    task.execute_complete(given, event_of(trigger))
    lines = told(capfd)
    assert [text for text in lines if text.startswith("step ")] == [f"step {i}" for i in range(1, 9)]
    assert any("no answer from the host" in text for text in lines)


def test_a_reply_that_breaks_off_is_asked_for_again(
    run: OpenedRun, line: Outage, capfd: pytest.CaptureFixture[str]
) -> None:
    """A connection that ends before the reply has come is made again; asyncssh hands over what it has as if whole."""
    stage_does(run, "sleep 1" + DONE)
    task, given = operator(run), context()
    trigger = deferred(task, given)
    held = Path(trigger.job_dir) / "log_offset"  # the host reads it on each look; a pipe holds the look up
    held.unlink(missing_ok=True)
    os.mkfifo(held)

    def cut_when_held() -> None:
        with held.open("wb"):  # opens once a look reads it
            held.unlink()
            line.cut()
            time.sleep(0.5)  # the reply must not come before the cut has arrived

    cutter = threading.Thread(target=cut_when_held)
    cutter.start()
    task.execute_complete(given, event_of(trigger))
    cutter.join()
    assert any("broke off in the middle of a reply" in text for text in told(capfd))


def test_a_restarted_triggerer_does_not_repeat_the_log(
    run: OpenedRun, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A trigger that starts over goes on in the log where its predecessor was, give or take one look."""
    go_on = tmp_path / "go on"
    wait = f"until [ -e {shlex.quote(str(go_on))} ]; do sleep 0.1; done"
    tell = 'do echo "step $i"; sleep 0.3; done'
    stage_does(run, f"for i in 1 2 3 4; {tell}; {wait}; for i in 5 6 7 8; {tell}" + DONE)
    task, given = operator(run), context()
    trigger = deferred(task, given)
    with pytest.raises(TimeoutError):
        event_of(trigger, seconds=2.5)
    go_on.touch()
    _, arguments = trigger.serialize()
    task.execute_complete(given, event_of(RemoteStageTrigger(**arguments)))
    steps = [text for text in told(capfd) if text.startswith("step ")]
    assert sorted(set(steps)) == [f"step {i}" for i in range(1, 9)]
    assert len(steps) <= 9


def test_no_event_fires_before_its_time(run: OpenedRun) -> None:
    """The end of a quick job waits, so that the scheduler has seen the deferral first."""
    stage_does(run, DONE)
    task, given = operator(run, first_event_seconds=4.0), context()
    trigger = deferred(task, given)
    event_of(trigger)
    assert time.time() >= trigger.not_before


def test_an_unreachable_host_leaves_the_job_for_the_next_try(run: OpenedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that refuses is told as such, and the job is not forgotten."""
    stage_does(run, "sleep 5")
    task, given = operator(run), context()
    trigger = deferred(task, given)
    connection = json.loads(run.host.airflow_connection())
    other_key = (run.host.keys / "host_key_48.pub").read_text()
    monkeypatch.setenv(
        "AIRFLOW_CONN_REGTUNE_02", json.dumps({**connection, "extra": {**connection["extra"], "host_key": other_key}})
    )
    event = event_of(trigger)
    assert event["over"] is False
    with pytest.raises(AirflowException, match="the host refuses the connection"):
        task.execute_complete(given, event)
    assert "job" in given["task_state_store"]


@pytest.mark.parametrize("text", ["$(touch x)", "; rm -rf ~", "2024-07-01-0123456789ab; id", "../../etc"])
def test_a_run_name_with_shell_text_is_refused(run: OpenedRun, text: str) -> None:
    """Only names that open_run gives become part of a command."""
    task = operator(run)
    task.run_name = text
    with pytest.raises(ConfigurationError, match="not one that open_run gives"):
        task.command_line("0" * 64)


def test_every_word_of_the_command_is_literal(run: OpenedRun) -> None:
    """Settings with shell text reach the host as the words they are; nothing in them is executed."""
    stage_does(run, 'printf "%s\\n" "$@" > "$HOME/words"; exit 4')
    (run.host.home / "words").unlink(missing_ok=True)
    evil = "$(touch x); touch y `touch z` ' \""
    task, given = operator(run), context()
    task.host = run.host_config.model_copy(update={"env_file": evil})
    trigger = deferred(task, given)
    with pytest.raises(AirflowException):
        task.execute_complete(given, event_of(trigger))
    assert (run.host.home / "words").read_text().splitlines()[-2:] == ["--env-file", evil]
    assert not any((run.host.home / name).exists() for name in "xyz")
    assert "\n" not in task.command_line("0" * 64)


def test_a_run_that_skips_training_skips_the_task(run: OpenedRun, tmp_path: Path) -> None:
    """The task train is skipped, not failed, when the run says so; parse is not."""
    spec = run.spec.model_copy(update={"skip_training": True})
    spec = spec.model_copy(update={"spec_sha256": spec_sha256(spec)})
    (tmp_path / "run.json").write_text(spec.model_dump_json())
    run.store.put(run.spec.run_name, "run.json", tmp_path / "run.json")
    with pytest.raises(AirflowSkipException):
        operator(run, "train").execute(context())
    stage_does(run, DONE)
    deferred(operator(run), context())


def test_an_altered_result_is_not_stored(run: OpenedRun) -> None:
    """Outputs that are not what the manifest says never reach the store."""
    stage_does(run, DONE + 'echo tampered >> "$3/provisions.jsonl"')
    task, given = operator(run), context()
    trigger = deferred(task, given)
    with pytest.raises(AirflowException, match=r"provisions.jsonl: is not what parse made"):
        task.execute_complete(given, event_of(trigger))
    assert run.store.manifest(run.spec.run_name, "parse") is None
