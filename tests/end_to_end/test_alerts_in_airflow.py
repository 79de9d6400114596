"""Alerts as Airflow itself calls them: worker, dag-processor, triggerer and scheduler, each in its own process."""

import email
import email.policy
import html
import json
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ssh_hosts import HOST_PYTHON, REPOSITORY
from whole_stage import Places, Services, create_backfill, wait_until, write_settings

from regtune.artifacts import sha256_of_json
from regtune.cli import main

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]
RUN_NAME = "2024-01-01-aaaaaaaaaaaa"
PUBLICATION = {
    "run_name": RUN_NAME, "as_of": "2024-01-01", "headline": "정답률은 60%입니다.", "decision": "not_champion",
    "reason": "기준에 미치지 못해 승격하지 않습니다.", "figures": {}, "stand_ins": [], "warnings": [],
}  # fmt: skip
LATE_HOURS = 0.002


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything lies."""
    return tmp_path_factory.mktemp("alerts")


@pytest.fixture(scope="module")
def services(folder: Path) -> Iterator[Services]:
    """Airflow with the skeleton DAG, a mail server, and a run that was not promoted in the store."""
    if not HOST_PYTHON.exists():
        pytest.skip(f"{HOST_PYTHON} is absent; make test makes it")
    run = folder / "artifacts" / "runs" / RUN_NAME
    run.mkdir(parents=True)
    (run / "publish.json").write_text(json.dumps(PUBLICATION, ensure_ascii=False), encoding="utf-8")
    register = shutil.copytree(REPOSITORY / "include" / "regulations", folder / "regulations") / "register.yaml"
    service = yaml.safe_load(register.read_text(encoding="utf-8"))["regulations"][0]  # two revisions
    register.write_text(yaml.safe_dump({"regulations": [service]}, allow_unicode=True), encoding="utf-8")
    fast = {
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "tests" / "end_to_end" / "alert_dags"),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "10",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
    }
    services = Services(
        folder / "state", folder / "config.yaml", register, Path(sys.executable), HOST_PYTHON, airflow_settings=fast
    )
    places = Places(
        config_folder=REPOSITORY / "include" / "config",
        endpoint_url=services.endpoint_url,
        base_model=folder / "base",
        store=folder / "artifacts",
        host_python=HOST_PYTHON,
        host_folders={name: services.host_folder(name) for name in ("02", "48")},
        ui_url=services.ui_url,
    )
    write_settings(services.config_path, places, {})
    settings = yaml.safe_load(services.config_path.read_text(encoding="utf-8"))
    settings["alerts"] |= {"late_after_hours": LATE_HOURS, "keep_seconds": 1}
    services.config_path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    with services:
        yield services


def test_a_failed_task_is_told_by_its_worker(services: Services, folder: Path) -> None:
    """One mail with the exception and the log's last lines; the task's buttons lead to the run's page.

    What a process that died left in the outbox is sent by the triggerer after the run, with nothing else to tell.
    """
    left = leave_behind(folder / "artifacts" / "alerts" / "outbox")
    run_id = trigger(services, "error")
    assert services.api.wait(run_id, 120) == "failed"
    [text] = wait_for(services, "작업이 실패했습니다: train", run_id)
    assert "\n원문: host 48 lacks: disk\n" in text
    assert "Task failed with exception" in text
    path = f"/dags/regtune/dagRuns/{run_id.replace('+', '%2B')}/taskInstances"
    links = services.api.request("GET", f"{path}/train/links")["extra_links"]
    assert links == {"이 실행의 결과": f"/regtune/runs/{RUN_NAME}", "보고서 · Data Docs": None}
    wait_for(services, "앞선 알림", "")
    assert not left.exists()


def test_a_lost_task_is_told_by_the_dag_processor_and_a_late_run_by_the_triggerer(services: Services) -> None:
    """A worker killed with its task: the scheduler fails it and one mail says so; another says that the run is late."""
    run_id = trigger(services, "lost")
    assert services.api.wait(run_id, 180) == "failed"
    [text] = wait_for(services, "작업이 실패했습니다: train", run_id)
    assert "작업을 돌리던 프로세스가 사라져 Airflow가 실패로 처리했습니다." in text
    assert RUN_NAME in text
    [late] = wait_for(services, "실행이 정해진 시간을 넘겼습니다", run_id)
    assert f"실행이 대기열에 든 지 {LATE_HOURS:g}시간이 지났는데 끝나지 않았습니다." in late


def test_what_is_failed_by_hand_is_told_once_and_noted(services: Services) -> None:
    """Neither a task nor a run that somebody set to failed sent a mail; Airflow calls back for neither."""
    for what, path, body, note in (
        ("train 작업", "/taskInstances/train", {"new_state": "failed"}, "사람이 train 작업을 실패로 표시했습니다."),
        ("실행 전체(돌던 작업: train)", "", {"state": "failed"}, "사람이 실행을 실패로 표시했습니다."),
    ):
        run_id = trigger(services, "wait")
        wait_until(lambda: services.api.task_states(run_id)["train"] == "running", 90)  # noqa: B023 - waited for here
        services.api.request("PATCH", f"/dags/regtune/dagRuns/{urllib.parse.quote(run_id, safe='')}{path}", body)
        assert services.api.wait(run_id, 90) == "failed"
        assert services.api.run(run_id)["note"] == note
        wait_for(services, f"사람이 실패로 표시했습니다: {what} ({RUN_NAME})", run_id)
        quoted = run_id.replace(":", "%3A").replace("+", "%2B")
        told = [subject for subject, text in mails(services.mail_folder) if quoted in text and "실패" in subject]
        assert len(told) == 1, told


def test_the_backfill_that_a_mail_advises_runs_date_by_date_and_its_end_is_told(services: Services) -> None:
    """The very command of the mail, on a command line; one mail after the last run, one more when it ends otherwise."""
    [advice] = register_mails(services, 1)
    [command] = [line.strip() for line in advice.splitlines() if line.strip().startswith("airflow ")]
    words = [sys.executable, "-m", *shlex.split(command)]
    subprocess.run(words, env=services.environment, capture_output=True, check=True)
    [text] = wait_for(services, "백필이 끝났습니다: 2024-01-01 ~ 2025-01-01 (성공 2, 실패 0)", "")
    assert [line[:18] for line in text.splitlines() if line.startswith("- 20")] == [
        "- 2024-01-01: 성공. ",
        "- 2025-01-01: 성공. ",
    ]
    subject = "새 어댑터를 승격하지 않았습니다"  # sent by a worker, which may be later than the triggerer
    wait_until(lambda: len(wait_for(services, subject, "backfill__")) == 2, 60)
    first, second = runs_of(services)
    assert first["end_date"] <= second["start_date"]
    assert first["note"] == PUBLICATION["headline"]

    wait_until(lambda: all(one["completed_at"] for one in backfills(services)), 90)
    clear(services, second["dag_run_id"])
    assert services.api.wait(second["dag_run_id"], 60) == "success"
    failing = services.state_dir / "airflow" / "fail-train"
    failing.touch()
    clear(services, second["dag_run_id"])
    assert services.api.wait(second["dag_run_id"], 60) == "failed"
    failing.unlink()
    [text] = wait_for(services, "끝난 백필의 결과가 바뀌었습니다: 2024-01-01 ~ 2025-01-01 (성공 1, 실패 1)", "")
    assert "- 2025-01-01: 실패. " in text
    assert len([subject for subject, _ in mails(services.mail_folder) if "2024-01-01 ~ 2025-01-01" in subject]) == 2


def test_no_run_of_a_cancelled_backfill_starts(services: Services) -> None:
    """One waits for a run that has the hosts, one in Airflow's queue: both end with the cancel, and say why.

    The one that waited stayed in state running until the run before it had ended.
    """
    set_slots(services, 0)  # the first run stays before train
    first = trigger(services, "")
    wait_until(lambda: services.api.task_states(first)["open_run"] == "success", 90)
    days = {"from_date": "2024-01-01T00:00:00Z", "to_date": "2025-01-01T00:00:00Z"}
    started = create_backfill(services, {**days, "reprocess_behavior": "completed"})
    wait_until(lambda: [run["state"] for run in runs_of(services)] == ["running", "queued"], 90)
    waiting = runs_of(services)[0]["dag_run_id"]
    wait_until(lambda: services.api.task_states(waiting)["open_run"] == "up_for_reschedule", 90)
    services.api.request("PUT", f"/backfills/{started}/cancel")
    wait_until(lambda: [run["state"] for run in runs_of(services)] == ["failed", "failed"], 30)
    assert services.api.run(first)["state"] == "running"
    set_slots(services, 1)
    assert services.api.wait(first, 90) == "success"
    assert {run["note"] for run in runs_of(services)} == {"백필이 취소되어 실행하지 않았습니다."}
    states = services.api.task_states(waiting)
    assert (states["train"], states["publish"]) == ("skipped", "skipped")
    subject = "백필이 취소되었습니다: 2024-01-01 ~ 2025-01-01 (성공 0, 실패 0, 취소 2)"
    [text] = wait_for(services, subject, "")
    assert "- 2024-01-01: 취소. 실행하지 않았습니다." in text


def test_an_entry_of_the_register_that_comes_back_is_told_again(services: Services) -> None:
    """The register as it was, then without an entry, then as it was: three mails, the third like the first."""
    before = services.register_path.read_text(encoding="utf-8")
    [first] = register_mails(services, 1)
    assert (
        main(["register", "remove", "service", "2025-01-01", "--yes", "--register", str(services.register_path)]) == 0
    )
    second = register_mails(services, 2)[1]
    services.register_path.write_text(before, encoding="utf-8")
    third = register_mails(services, 3)[2]
    assert "2025-01-01: " not in second
    assert "2025-01-01: " in first
    assert third == first


def register_mails(services: Services, count: int) -> list[str]:
    """Texts of the mails about the register, when there are so many."""

    def texts() -> list[str]:
        return [text for subject, text in mails(services.mail_folder) if "등록부가 바뀌었습니다" in subject]

    wait_until(lambda: len(texts()) >= count, 120)
    return texts()


def set_slots(services: Services, slots: int) -> None:
    """Open or close the pool of train."""
    pool = {"name": "regtune_gpu_48", "slots": slots, "include_deferred": True}
    services.api.request("PATCH", "/pools/regtune_gpu_48?update_mask=slots", pool)


def backfills(services: Services) -> list[dict[str, Any]]:
    """All of the DAG."""
    found: list[dict[str, Any]] = services.api.request("GET", "/backfills?dag_id=regtune")["backfills"]
    return found


def runs_of(services: Services) -> list[dict[str, Any]]:
    """Backfilled runs by date."""
    found = services.api.request("GET", "/dags/regtune/dagRuns?run_type=backfill&limit=100")["dag_runs"]
    return sorted((run for run in found if run["run_type"] == "backfill"), key=lambda run: str(run["logical_date"]))


def clear(services: Services, run_id: str) -> None:
    """Have a finished run run again."""
    path = f"/dags/regtune/dagRuns/{urllib.parse.quote(run_id, safe='')}/clear"
    services.api.request("POST", path, {"dry_run": False})


def leave_behind(outbox: Path) -> Path:
    """Put a message whose claim is about to be too old: the task's own alert, seconds later, still finds it taken."""
    key = "task_failed/earlier"
    path = outbox / f"task_failed-{sha256_of_json(key)[:16]}.json"
    message = {"key": key, "subject": "[regtune] 앞선 알림", "body": "본문\n", "facts": {}}
    outbox.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"message": message, "channels": ["mail"]}), encoding="utf-8")
    path.with_name(f"{path.name}.taken").write_text(json.dumps({"at": time.time() - 900 + 20}), encoding="utf-8")
    return path


def trigger(services: Services, end: str) -> str:
    """Start a run whose task train ends this way."""
    run = services.api.request("POST", "/dags/regtune/dagRuns", {"logical_date": None, "conf": {"train": end}})
    return str(run["dag_run_id"])


def wait_for(services: Services, subject: str, word: str) -> list[str]:
    """Give the texts of the mails with this in subject and text, when there is one."""
    end = time.monotonic() + 90
    quoted = word.replace(":", "%3A").replace("+", "%2B")
    while True:
        texts = [text for found, text in mails(services.mail_folder) if subject in found and quoted in text]
        if texts:
            return texts
        assert time.monotonic() < end, [found for found, _ in mails(services.mail_folder)]
        time.sleep(0.5)


def mails(folder: Path) -> list[tuple[str, str]]:
    """Subject and text of every mail."""
    found = []
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("html",))
        assert body is not None
        found.append((str(message["subject"]), html.unescape(re.sub(r"<[^>]+>", "", body.get_content()))))
    return found
