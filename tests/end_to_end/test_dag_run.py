"""The whole DAG with the real Airflow, over real SSH: one run that ends well, and one that the gate refuses."""

import email
import email.policy
import html
import os
import socket
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ssh_hosts import HOST_PYTHON, REPOSITORY
from whole_stage import DEMO, Stage, wait_until

from regtune.artifacts import sha256_of_file
from regtune.contracts import GateReport
from regtune.stage_table import STAGES

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(1500)]
RUN_SECONDS = 900
_VLLM = """#!/bin/bash
# What host 02 runs as vLLM: the stand-in, with the port and the model of vLLM's arguments.
while [ $# -gt 0 ]; do
  case "$1" in --port) port=$2;; --served-model-name) model=$2;; esac
  shift
done
[ -e {slow} ] && slow="--misbehave slow"
exec {python} {endpoint} --port-file {slow}.port --port "$port" --model "$model" $slow
"""


@pytest.fixture(scope="module")
def green(stage: Stage) -> tuple[str, str]:
    """Run the DAG on one regulation; gives the DAG run's id and the run's name."""
    run_id = stage.services.api.trigger({"effective_date": "2024-07-01", "regulations": ["travel"]})
    state = stage.services.api.wait(run_id, RUN_SECONDS)
    assert state == "success", stage.story(run_id)
    return run_id, str(stage.services.api.xcom(run_id, "open_run"))


def test_every_task_ends_well_and_leaves_its_outputs(stage: Stage, green: tuple[str, str]) -> None:
    """From open_run to publish all is green; every stage's outputs and manifest are in the store, unaltered."""
    run_id, run_name = green
    assert set(stage.services.api.task_states(run_id).values()) == {"success"}
    for name, facts in STAGES.items():
        manifest = stage.store.manifest(run_name, name)
        assert manifest is not None, name
        assert set(manifest.outputs) == set(facts.outputs)
        assert all(stage.store.has(run_name, output) for output in facts.outputs)
    champion = stage.store.pointer("champion.json")
    latest = stage.store.pointer("latest.json")
    assert latest is not None
    assert latest["run_name"] == run_name
    assert champion is None or champion["run_name"] == run_name


def test_the_run_says_what_it_made(stage: Stage, green: tuple[str, str]) -> None:
    """The headline is the run's note, and the assets have events with the decision and the figures it rests on."""
    run_id, run_name = green
    note, headline = stage.services.api.run(run_id)["note"], stage.services.api.xcom(run_id, "publish")
    assert note.replace(r"\~", "~") == headline
    assert "~" not in note.replace(r"\~", "")
    events = stage.services.api.request("GET", "/assets/events")["asset_events"]
    told = {event["name"]: event["extra"] for event in events if event["source_run_id"] == run_id}
    published = stage.store.content(run_name, "publish.json")
    assert {extra["run_name"] for extra in told.values()} == {run_name}
    extra = told.pop("regtune_publication")
    assert extra == {name: published[name] for name in extra}
    assert set(extra) == {"run_name", "as_of", "decision", "headline", "reason", "figures"}
    assert {"gate_rows", "gain_over_base"} <= set(extra["figures"])
    promoted = {"regtune_adapter"} if published["decision"] == "champion" else set()
    assert set(told) == {"regtune_dataset", *promoted}


def test_each_log_tells_what_a_person_wants_to_know(stage: Stage, green: tuple[str, str]) -> None:
    """A task's log has the stage's own lines once, its counts, and where the results lie."""
    run_id, run_name = green
    for name in ("parse", "generate", "gate", "train"):
        lines = stage.services.api.log(run_id, name).splitlines()
        assert sum(f"{name}: run {run_name}, corpus in force on 2024-07-01" in line for line in lines) == 1, lines
        assert sum(f"{name}: done in" in line for line in lines) == 1, lines
        assert any(line.startswith("results: ") for line in lines), lines


def test_nothing_is_left_on_the_hosts(stage: Stage, green: tuple[str, str]) -> None:
    """No job folder and no process of a stage remains."""
    assert green
    for name in ("02", "48"):
        jobs = stage.services.host_folder(name) / "regtune" / "jobs"
        assert list(jobs.iterdir()) == []
    assert stage.processes() == []


def test_one_machine_without_airflow_makes_the_same_dataset(
    stage: Stage, green: tuple[str, str], tmp_path: Path
) -> None:
    """`regtune run` with the same settings, seed and endpoint gives the same bytes of qa_pairs.jsonl."""
    _, run_name = green
    command = [HOST_PYTHON, "-m", "regtune", "run", "--register", stage.register_path, "--as-of", "2024-07-01"]
    command += ["--regulation", "travel", "--config", stage.config_path, "--skip-training", "--out", tmp_path / "run"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "plugins"), "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    manifest = stage.store.manifest(run_name, "generate")
    assert manifest is not None
    for name in ("qa_pairs.jsonl", "evaluation_pool.jsonl"):
        assert sha256_of_file(tmp_path / "run" / name) == manifest.outputs[name].sha256


def test_a_refused_dataset_is_not_trained_on(stage: Stage, green: tuple[str, str], tmp_path: Path) -> None:
    """The gate fails once, training is not run, the alert arrives by mail, and nothing that was made is lost."""
    _, accepted = green
    api = stage.services.api
    stage.services.start_endpoint(("--misbehave", "bad_dataset=0.5"))
    run_id = api.trigger({"effective_date": "2024-07-01", "regulations": ["service"]})
    assert api.wait(run_id, RUN_SECONDS) == "failed"
    states = api.task_states(run_id)
    assert states["gate"] == "failed", stage.story(run_id)
    assert {states[name] for name in ("split", "train", "benchmark", "publish")} == {"upstream_failed"}
    assert states["stop"] == "success"
    [gate] = [task for task in api.tasks(run_id) if task["task_id"] == "gate"]
    assert gate["try_number"] == 1

    run_name = str(api.xcom(run_id, "open_run"))
    for name in ("qa_pairs.jsonl", "qa_checks.jsonl", "chunks.jsonl", "gate_report.json", "data_docs/index.html"):
        assert stage.store.has(run_name, name), name
    assert not stage.store.has(run_name, "adapter/")
    latest = stage.store.pointer("latest.json")
    assert latest is not None
    assert latest["run_name"] == accepted

    stage.store.fetch(run_name, "gate_report.json", tmp_path / "gate_report.json")
    report = GateReport.model_validate_json((tmp_path / "gate_report.json").read_text(encoding="utf-8"))
    [(subject, text)] = [mail for mail in _mails(stage.services.mail_folder) if run_name in mail[0]]
    assert subject.startswith("[regtune] 데이터셋이 품질 검사를 통과하지 못했습니다")
    for expectation in report.expectations:
        assert (expectation.description in text) is not expectation.success
    assert "숫자가 조문과 다름" in text
    assert f"{stage.services.ui_url}/regtune/runs/{run_name}/files/data_docs/" in text


@pytest.fixture
def own_server(stage: Stage) -> Iterator[Path]:
    """Let `serve` start the stand-in on host 02 as its own model server; slow while the file that is given is there."""
    kept = stage.config_path.read_text(encoding="utf-8")
    python, slow = stage.thumb / "vllm", stage.thumb / "slow-server"
    python.write_text(_VLLM.format(python=HOST_PYTHON, endpoint=DEMO / "endpoint.py", slow=slow))
    python.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = yaml.safe_load(kept)
    settings["serve"] |= {
        "mode": "vllm",
        "python": str(python),
        "model_path": settings["train"]["base_model"],
        "port": port,
    }
    settings["endpoints"]["generator"]["base_urls"] = [f"http://127.0.0.1:{port}/v1"]
    stage.config_path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    slow.touch()
    yield slow
    stage.config_path.write_text(kept, encoding="utf-8")


def test_failing_a_task_by_hand_frees_the_host_and_clearing_it_goes_on(stage: Stage, own_server: Path) -> None:
    """Marked failed in the UI, the remote process and the model server are gone; cleared, both come back and end well.

    The run skips training: train and benchmark are skipped, and publish tells of the dataset.
    """
    api = stage.services.api
    params = {"effective_date": "2024-07-01", "regulations": ["work-rules"], "quota_lookup": 100, "skip_training": True}
    run_id = api.trigger(params)
    wait_until(lambda: api.task_states(run_id)["generate"] == "deferred", 300)
    wait_until(lambda: "trigger regtune/" in api.log(run_id, "generate"), 20)
    assert any(" generate " in command for command in stage.processes())
    assert len(_servers(stage)) == 1
    task = f"/dags/regtune/dagRuns/{urllib.parse.quote(run_id)}/taskInstances/generate"
    api.request("PATCH", task, {"new_state": "failed"})
    wait_until(lambda: not any(" generate " in command for command in stage.processes()), 30)
    assert api.wait(run_id, RUN_SECONDS) == "failed"
    assert api.task_states(run_id)["stop"] == "success"
    assert _servers(stage) == []  # so is the memory of its GPU

    own_server.unlink()
    cleared = {"dag_run_id": run_id, "task_ids": ["generate"], "include_downstream": True, "only_failed": False}
    api.request("POST", "/dags/regtune/clearTaskInstances", {**cleared, "dry_run": False})
    assert api.wait(run_id, RUN_SECONDS) == "success", stage.story(run_id)
    assert _servers(stage) == []
    states = api.task_states(run_id)
    assert {name for name, state in states.items() if state == "skipped"} == {"train", "benchmark"}
    manifest = stage.store.manifest(str(api.xcom(run_id, "open_run")), "publish")
    assert manifest is not None
    assert manifest.counts["decision"] == "not_trained"


def _servers(stage: Stage) -> list[str]:
    """Command lines of model servers that `serve` started; the one that stands in all the time is not among them."""
    return [command for command in stage.commands() if f"{stage.thumb}/slow-server.port" in command]


def _mails(folder: Path) -> list[tuple[str, str]]:
    read = []
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("html",))
        assert body is not None
        read.append((str(message["subject"]), html.unescape(body.get_content())))
    return read
