"""Alerts over real SMTP and HTTP, their texts as a person reads them."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.sdk.exceptions import AirflowException
from alert_channels import MailServer, Receiver, free_port
from opened_run import REGISTER
from ssh_hosts import REPOSITORY

from regtune.artifacts import write_json, write_jsonl
from regtune.config import PipelineConfig
from regtune.contracts import Expectation, GateReport, Manifest, QACheck, QAPair, RunSpec
from regtune.open_run import RunRequest, open_run, plan_run
from regtune.orchestration import alerts
from regtune.orchestration.failures import GateRefusedFailure
from regtune.orchestration.settings import ALERTS, current_config
from regtune.orchestration.store import Store
from regtune.publish import Publication

DAG_RUN = "manual__2025-07-01T00:00:00+00:00"
AIRFLOW = "http://airflow.example.com"
QUOTED_RUN = "manual__2025-07-01T00%3A00%3A00%2B00%3A00"


@dataclass(frozen=True)
class Scene:
    """A store with an opened run, a mail server and a receiver, and settings that name them."""

    store: Store
    spec: RunSpec
    mail: MailServer
    hook: Receiver
    settings: Path

    @property
    def run_page(self) -> str:
        """Where the page shows the run."""
        return f"{AIRFLOW}/regtune/runs/{self.spec.run_name}"

    def change(self, **changes: object) -> None:
        """Change settings of the alerts."""
        settings = yaml.safe_load(self.settings.read_text(encoding="utf-8"))
        settings["alerts"] |= changes
        self.settings.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")

    def context(self, task_id: str, exception: Exception | None = None, try_number: int = 2) -> Any:
        """What Airflow calls back with."""
        ti = SimpleNamespace(
            dag_id="regtune",
            task_id=task_id,
            run_id=DAG_RUN,
            try_number=try_number,
            map_index=-1,
            xcom_pull=lambda **_: self.spec.run_name,
        )
        return {"ti": ti} if exception is None else {"ti": ti, "exception": exception}


@pytest.fixture
def scene(tmp_path: Path, config: PipelineConfig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Start the channels; nothing of Airflow runs."""
    store = Store(str(tmp_path / "store"))
    spec = plan_run(REGISTER, config, {"persona": "x"}, RunRequest(as_of=date(2025, 7, 1)))
    open_run(tmp_path / "opened", spec, REGISTER.parent)
    store.put_run(tmp_path / "opened")
    mail, hook = MailServer(tmp_path / "mail", free_port()), Receiver()
    mail.start()
    hook.start()
    smtp = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail.port, "login": "", "password": ""}
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps({**smtp, "extra": {"disable_ssl": True, "disable_tls": True}}))
    http = {"conn_type": "http", "host": "127.0.0.1", "port": hook.port, "password": "hook/s3cret"}
    monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps(http))
    settings = yaml.safe_load((REPOSITORY / "include" / "config" / "demo.yaml").read_text(encoding="utf-8"))
    settings["publish"]["store"] = store.url
    settings["alerts"] |= {
        "smtp_conn_id": "mail",
        "email_to": ["a@example.com", "b@example.com"],
        "webhook_conn_id": "hook",
        "ui_base_url": f"{AIRFLOW}/",
        "retry_seconds": 0.01,
        "timeout_seconds": 1,
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("REGTUNE_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path / "logs"))
    yield Scene(store, spec, mail, hook, tmp_path / "config.yaml")
    mail.stop()
    hook.stop()


def refused_dataset(scene: Scene, folder: Path) -> None:
    """Put what a gate that refused leaves: five rows of which four fail, one of them very long."""
    pair = {"type": "lookup", "answer": "30일이다.", "chunk_id": "c", "evidence": "30일", "model": "m"}
    hashes = {"prompt_sha256": "0" * 64, "request_sha256": "0" * 64}
    pairs = [
        QAPair.model_validate(
            {**pair, **hashes, "qa_id": f"q{n}", "question": f"<b>휴가</b> {n}?" + "가" * 500 * (n == 2)}
        )
        for n in range(5)
    ]
    checks = [
        QACheck(qa_id=f"q{n}", passed=n == 0, reasons=("wrong_number",) if n else (), figures={}) for n in range(5)
    ]
    bad = Expectation(
        name="passed", column="passed", description="사유가 있는 행의 비율", success=False,
        expected="2% 이하", observed="80%", failed_ids=("q1", "q2", "q3", "q4"),
    )  # fmt: skip
    good = bad.model_copy(update={"success": True, "description": "유형별 문항 수", "failed_ids": ()})
    report = GateReport(passed=False, rows=5, pool_rows=0, expectations=(bad, good), reasons={"wrong_number": 4})
    write_json(folder / "gate_report.json", report)
    write_jsonl(folder / "qa_pairs.jsonl", pairs)
    write_jsonl(folder / "qa_checks.jsonl", checks)
    for name in ("gate_report.json", "qa_pairs.jsonl", "qa_checks.jsonl"):
        scene.store.put(scene.spec.run_name, name, folder / name)


def published(scene: Scene, folder: Path, decision: str) -> None:
    """Put what publish leaves."""
    publication = Publication(
        run_name=scene.spec.run_name, as_of=scene.spec.as_of, headline="정답률은 60.0% (51.0~69.0)입니다.",
        decision=decision, reason="기준에 미치지 못해 승격하지 않습니다.", figures={}, stand_ins=(),
        warnings=("판정 모델이 같은 계열입니다.",),
    )  # fmt: skip
    write_json(folder / "publish.json", publication)
    scene.store.put(scene.spec.run_name, "publish.json", folder / "publish.json")


def test_a_refused_gate_is_told_as_a_person_reads_it(scene: Scene, tmp_path: Path) -> None:
    """What failed, observed and expected, three rows with reasons each cut to length, links; no other row."""
    refused_dataset(scene, tmp_path)
    alerts.tell_failure(scene.context("gate", GateRefusedFailure("refused")))
    [mail] = scene.mail.mails()
    assert mail.subject == f"[regtune] 데이터셋이 품질 검사를 통과하지 못했습니다: {scene.spec.run_name}"
    assert mail.to == "a@example.com, b@example.com"
    start = (
        "품질 검사에서 1개 항목이 기준에 미치지 못해, 이 데이터셋으로는 학습하지 않았습니다.\n검사한 질문·답변: 5건\n\n"
    )
    assert mail.text.startswith(start)
    assert "- 사유가 있는 행의 비율\n    기대: 2% 이하\n    실제: 80%\n" in mail.text
    assert "- [q1] 질문: <b>휴가</b> 1?\n    답변: 30일이다.\n    사유: wrong_number\n" in mail.text
    assert ("[q3]" in mail.text, "[q4]" in mail.text, "유형별 문항 수" in mail.text) == (True, False, False)
    assert "가" * 280 in mail.text
    assert "가" * 301 not in mail.text
    assert f"- 검사 문서(Data Docs): {scene.run_page}/files/data_docs/\n" in mail.text
    assert f"- 이번 실행의 결과: {scene.run_page}\n" in mail.text
    assert f"- Airflow 실행: {AIRFLOW}/dags/regtune/runs/{QUOTED_RUN}\n" in mail.text
    assert "- 검토 파일: 아직 없습니다 (regtune review export)\n" in mail.text
    [(_, headers, message)] = scene.hook.posted
    assert headers["Authorization"] == "Bearer hook/s3cret"
    assert (message["event"], message["task_id"]) == ("gate_refused", "gate")
    assert message["run_name"] == scene.spec.run_name
    assert message["text"] == f"{mail.subject}\n\n{mail.text.strip()}\n"


def test_the_review_file_is_linked_when_it_is_there(scene: Scene, tmp_path: Path) -> None:
    """The refused gate's alert leads to the review file in the store."""
    refused_dataset(scene, tmp_path)
    (tmp_path / "review.xlsx").write_bytes(b"x")
    scene.store.put(scene.spec.run_name, "review.xlsx", tmp_path / "review.xlsx")
    alerts.tell_failure(scene.context("gate", GateRefusedFailure("refused")))
    assert f"- 검토 파일: {scene.run_page}/files/review.xlsx\n" in scene.mail.mails()[0].text


def test_a_failed_task_is_told_with_its_place_and_its_log(scene: Scene, tmp_path: Path) -> None:
    """What, where, why, the last lines of worker and triggerer in their order, what to do, links."""
    folder = tmp_path / "logs" / "dag_id=regtune" / f"run_id={DAG_RUN}" / "task_id=train"
    folder.mkdir(parents=True)
    worker = [("00", "host 48: start"), ("09", "Task failed with exception")]
    triggerer = [
        ("01", "x" * 300),
        ("02", "train: step 20 of 90"),
        ("03", "[type=x, input_value='제1조 비밀', input_type=str]"),
    ]
    for name, lines in (("attempt=2.log", worker), ("attempt=2.log.trigger.7.log", triggerer)):
        rows = [json.dumps({"timestamp": f"2025-07-01T00:00:{at}Z", "event": event}) for at, event in lines]
        (folder / name).write_text("\n".join([*rows, "no json", "{}"]), encoding="utf-8")
    scene.change(log_lines=4)
    alerts.tell_failure(scene.context("train", AirflowException("host 48 lacks:\n disk")))
    [mail] = scene.mail.mails()
    assert mail.subject == f"[regtune] 작업이 실패했습니다: train ({scene.spec.run_name})"
    assert "작업 train이(가) 2번째 시도에서 실패했고, 더는 재시도하지 않습니다." in mail.text
    assert "곳\n호스트 .48 (SSH 연결 regtune_48, 폴더 /tmp/regtune)" in mail.text
    assert "사유\nhost 48 lacks: disk\n" in mail.text
    lines = [f"  {'x' * 200} …", "  train: step 20 of 90", "  [type=x, input_value=…, input_type=str]"]
    assert "\n".join(["기록의 마지막 줄", *lines, "  Task failed with exception"]) in mail.text
    assert "host 48: start" not in mail.text
    assert "1. 호스트 .48을 살핍니다. check_48 작업을 Clear 하면" in mail.text
    assert f"- 작업 기록: {AIRFLOW}/dags/regtune/runs/{QUOTED_RUN}/tasks/train\n" in mail.text


def test_a_task_that_airflow_failed_is_told_too(scene: Scene) -> None:
    """A callback without exception and without a log on this machine still says what is known."""
    alerts.tell_failure(scene.context("open_run"))
    [mail] = scene.mail.mails()
    assert "사유\n작업을 돌리던 프로세스가 사라져 Airflow가 실패로 처리했습니다.\n" in mail.text
    assert "곳\n스케줄러\n" in mail.text
    assert "기록을 읽을 수 없습니다" in mail.text


def test_a_run_that_is_late_is_told(scene: Scene) -> None:
    """Which run, its state, since when and until when in Korean time."""
    dag_run = {
        "dag_run_id": DAG_RUN, "state": "running", "logical_date": "2025-07-01T00:00:00Z",
        "queued_at": "2025-07-01T00:00:05Z",
    }  # fmt: skip
    deadline = {"id": "d1", "deadline_time": datetime(2025, 7, 1, 1, 0, 5, tzinfo=timezone.utc)}
    scene.change(late_after_hours=1)
    asyncio.run(alerts.tell_late(context={"dag_run": dag_run, "deadline": deadline}))
    [mail] = scene.mail.mails()
    assert mail.subject == "[regtune] 실행이 정해진 시간을 넘겼습니다: 2025-07-01"
    assert "실행이 대기열에 든 지 1시간이 지났는데 끝나지 않았습니다. 지금 상태: 실행 중\n" in mail.text
    assert (
        "- 대기열에 든 때: 2025-07-01 09:00 (한국 시각)\n- 끝났어야 할 때: 2025-07-01 10:00 (한국 시각)\n" in mail.text
    )
    assert f"{AIRFLOW}/dags/regtune/runs/{QUOTED_RUN}" in mail.text


@pytest.mark.parametrize("hours", [None, 1.5])
def test_the_deadline_is_a_setting(scene: Scene, hours: float | None) -> None:
    """alerts.late_after_hours is the DAG's deadline; null is none. The triggerer can import what it calls."""
    scene.change(late_after_hours=hours)
    deadline = alerts.deadline_alert(current_config())
    assert (deadline is None) is (hours is None)
    if deadline is not None:
        assert deadline.interval.total_seconds() == 5400  # type: ignore[union-attr]
        assert deadline.callback.path == "regtune.orchestration.alerts.tell_late"


def test_an_adapter_that_was_not_promoted_is_told(scene: Scene, tmp_path: Path) -> None:
    """Why not, what it reached, which adapter stays, what weakens the result, where the report is."""
    scene.store.point("champion.json", {"run_name": "2024-07-01-aaaaaaaaaaaa", "as_of": "2024-07-01"})
    published(scene, tmp_path, "not_champion")
    alerts.tell_published(scene.context("publish"))
    [mail] = scene.mail.mails()
    assert mail.subject == f"[regtune] 새 어댑터를 승격하지 않았습니다: {scene.spec.run_name}"
    for part in (
        "사유\n기준에 미치지 못해 승격하지 않습니다.\n",
        "결과\n정답률은 60.0% (51.0~69.0)입니다.\n",
        "지금의 챔피언\n2024-07-01-aaaaaaaaaaaa (기준일 2024-07-01)\n",
        "- 판정 모델이 같은 계열입니다.\n",
        f"- 보고서: {scene.run_page}/files/report.html\n",
    ):
        assert part in mail.text


@pytest.mark.parametrize("decision", ["champion", "not_trained"])
def test_a_good_end_is_no_alert(scene: Scene, tmp_path: Path, decision: str) -> None:
    """A promoted adapter, and a run that was asked to skip training, send nothing."""
    published(scene, tmp_path, decision)
    alerts.tell_published(scene.context("publish"))
    assert scene.mail.mails() == []
    assert scene.hook.posted == []


def test_the_end_of_a_backfill_is_told(scene: Scene, tmp_path: Path) -> None:
    """One paragraph a date: how its run ended and what it made."""
    manifest = Manifest(
        stage="publish", run_name=scene.spec.run_name, spec_sha256="0" * 64, inputs={}, outputs={},
        counts={"decision": "champion", "headline": "정답률은 60.0%입니다."}, tokens={}, seconds=1.0,
        started_at="2025-07-01T00:00:00+00:00", versions={},
    )  # fmt: skip
    write_json(tmp_path / "manifest.json", manifest)
    scene.store.put(scene.spec.run_name, "publish.manifest.json", tmp_path / "manifest.json")
    runs = [
        {"day": "2024-07-01", "state": "failed", "dag_run_id": "backfill__a", "run_name": "-"},
        {"day": "2025-07-01", "state": "success", "dag_run_id": "backfill__b", "run_name": scene.spec.run_name},
    ]
    asyncio.run(alerts.tell_backfill(3, "2024-07-01", "2025-07-01", runs))
    [mail] = scene.mail.mails()
    assert mail.subject == "[regtune] 백필이 끝났습니다: 2024-07-01 ~ 2025-07-01 (성공 1, 실패 1)"
    assert f"- 2024-07-01: 실패. 결과가 없습니다.\n    {AIRFLOW}/dags/regtune/runs/backfill__a\n" in mail.text
    assert "- 2025-07-01: 성공. 정답률은 60.0%입니다.\n" in mail.text
    assert f"- 실행 목록: {AIRFLOW}/regtune/\n" in mail.text


def test_an_event_is_told_once(scene: Scene) -> None:
    """The same try called back twice, by worker and dag-processor, is one message; a later try is another."""
    for try_number in (2, 2, 3):
        alerts.tell_failure(scene.context("train", AirflowException("x"), try_number))
    assert len(scene.mail.mails()) == len(scene.hook.posted) == 2


def test_slack_gets_its_own_form_and_its_secret_stays_secret(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """The password ends the address, & < > are escaped, and a refusal's log line does not show it."""
    scene.change(webhook_format="slack", smtp_conn_id=None)
    alerts.tell_failure(scene.context("train", AirflowException("a < b & c")))
    [(path, headers, message)] = scene.hook.posted
    assert path == "/hook/s3cret"
    assert "Authorization" not in headers
    assert set(message) == {"text"}
    assert message["text"].startswith("*[regtune] 작업이 실패했습니다: train")
    assert "a &lt; b &amp; c" in message["text"]
    scene.hook.stop()
    alerts.tell_failure(scene.context("parse", AirflowException("x")))
    scene.hook.start()
    assert any("not sent by webhook, attempt 3 of 3" in record.getMessage() for record in caplog.records)
    assert "s3cret" not in caplog.text


def test_a_server_that_stumbles_is_asked_again(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A 503 is tried again, alerts.attempts times in all, and the mail is not sent twice for it."""
    scene.hook.status = 503
    alerts.tell_failure(scene.context("train", AirflowException("x")))
    assert len(scene.hook.posted) == 3
    assert len(scene.mail.mails()) == 1
    assert any("kept for later (webhook)" in record.getMessage() for record in caplog.records)


def test_what_a_channel_missed_is_sent_later_once(scene: Scene, tmp_path: Path) -> None:
    """Without a mail server the webhook is still told; publish sends the mail when the server is back, and only it."""
    scene.mail.stop()
    alerts.tell_failure(scene.context("train", AirflowException("x")))
    assert len(scene.hook.posted) == 1
    published(scene, tmp_path, "champion")
    alerts.tell_published(scene.context("publish"))  # still down
    scene.mail.start()
    for _ in range(2):
        alerts.tell_published(scene.context("publish"))
    assert [mail.subject for mail in scene.mail.mails()] == [
        f"[regtune] 작업이 실패했습니다: train ({scene.spec.run_name})"
    ]
    assert len(scene.hook.posted) == 1
    assert list((Path(scene.store.url) / "alerts" / "outbox").iterdir()) == []


def test_two_at_a_time_send_what_is_kept_once(scene: Scene, tmp_path: Path) -> None:
    """Eight publishes at the same moment send each kept message once."""
    scene.mail.stop()
    for try_number in range(1, 6):
        alerts.tell_failure(scene.context("train", AirflowException("x"), try_number))
    published(scene, tmp_path, "champion")
    scene.mail.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(alerts.tell_published, [scene.context("publish")] * 8))
    assert len(scene.mail.mails()) == 5


def test_a_server_that_never_answers_holds_nobody_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server that takes the connection and says nothing costs attempts times timeout_seconds, not minutes."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(8)
        gone = {"conn_type": "smtp", "host": "127.0.0.1", "port": mute.getsockname()[1]}
        extra = {"disable_ssl": True, "disable_tls": True, "timeout": 30, "retry_limit": 5}
        monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps({**gone, "extra": extra}))
        scene.change(attempts=2)
        done = threading.Event()
        work = threading.Thread(
            target=lambda: (alerts.tell_failure(scene.context("train", AirflowException("x"))), done.set())
        )
        work.start()
        assert done.wait(20)
        work.join()
    assert len(scene.hook.posted) == 1


def test_a_store_that_is_down_does_not_silence_an_alert(scene: Scene) -> None:
    """With the store's folder unusable the message still goes out."""
    root = Path(scene.store.url)
    (root / "alerts").write_text("in the way")
    alerts.tell_failure(scene.context("open_run", AirflowException("x")))
    assert len(scene.mail.mails()) == 1


def test_a_channel_without_a_connection_is_a_line_in_the_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that nobody made fails no callback."""
    monkeypatch.delenv("AIRFLOW_CONN_MAIL")
    alerts.tell_failure(scene.context("train", AirflowException("x")))
    assert len(scene.hook.posted) == 1
    assert any("not sent by mail" in record.getMessage() for record in caplog.records)


def test_every_text_starts_with_a_subject() -> None:
    """Each file of include/alerts begins with one line for the subject and a blank one."""
    files = sorted(ALERTS.glob("*.txt"))
    assert len(files) >= 5
    for file in files:
        subject, blank, *_ = file.read_text(encoding="utf-8").split("\n")
        assert subject.startswith("[regtune] "), file
        assert blank == "", file
