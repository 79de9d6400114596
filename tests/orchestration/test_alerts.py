"""Alerts over real SMTP and HTTP."""

import email
import email.policy
import html
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import yaml
from airflow.sdk.exceptions import AirflowException
from opened_run import OpenedRun
from ssh_hosts import REPOSITORY

from regtune.artifacts import write_json, write_jsonl
from regtune.contracts import Expectation, GateReport, QACheck, QAPair
from regtune.orchestration.alerts import tell_failure
from regtune.orchestration.failures import GateRefusedFailure


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    posted: ClassVar[list[tuple[dict[str, str], dict[str, Any]]]] = []

    def do_POST(self) -> None:
        """Take one message."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((dict(self.headers), json.loads(content)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Run the mail sink; gives its folder."""
    port, folder = free_port(), tmp_path / "mail"
    sink = REPOSITORY / "include" / "demo" / "mail_sink.py"
    process = subprocess.Popen([sys.executable, sink, "--port", str(port), "--folder", folder])
    end = time.monotonic() + 30
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        assert time.monotonic() < end, "mail_sink.py does not listen"
        time.sleep(0.1)
    mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "login": "", "password": ""}
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps({**mail, "extra": {"disable_ssl": True, "disable_tls": True}}))
    yield folder
    process.terminate()
    process.wait(10)


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Receiver]]:
    """Run a receiver that asks for a token."""
    Receiver.posted.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = {"conn_type": "http", "host": "127.0.0.1", "port": server.server_port, "password": "hook-token"}
    monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps(place))
    yield Receiver
    server.shutdown()


@pytest.fixture
def configured(tmp_path: Path, run: OpenedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings with both channels, and the run's store."""
    settings = yaml.safe_load((REPOSITORY / "include" / "config" / "demo.yaml").read_text())
    settings["publish"]["store"] = run.store.url
    settings["alerts"] = {
        "smtp_conn_id": "mail",
        "email_from": "regtune@example.com",
        "email_to": ["a@example.com", "b@example.com"],
        "webhook_conn_id": "hook",
        "ui_base_url": "http://airflow.example.com/",
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    monkeypatch.setenv("REGTUNE_CONFIG", str(tmp_path / "config.yaml"))


def failed(task_id: str, exception: Exception, run: OpenedRun) -> Any:
    """The context of a failed task."""
    ti = SimpleNamespace(
        dag_id="regtune",
        task_id=task_id,
        run_id="manual__1",
        try_number=2,
        xcom_pull=lambda **_: run.spec.run_name,
    )
    return {"ti": ti, "exception": exception}


def refused_dataset(run: OpenedRun, folder: Path) -> None:
    """Put what a gate that refused leaves: five rows of which four fail."""
    pair = {"type": "lookup", "answer": "30일이다.", "chunk_id": "c", "evidence": "30일", "model": "m"}
    hashes = {"prompt_sha256": "0" * 64, "request_sha256": "0" * 64}
    pairs = [
        QAPair.model_validate({**pair, **hashes, "qa_id": f"q{n}", "question": f"<b>휴가</b> {n}?"}) for n in range(5)
    ]
    checks = [
        QACheck(qa_id=f"q{n}", passed=n == 0, reasons=("wrong_number",) if n else (), figures={}) for n in range(5)
    ]
    bad = Expectation(
        name="passed", column="passed", description="사유가 있는 행의 비율", success=False,
        expected="2% 이하", observed="80%", failed_ids=("q1", "q2", "q3", "q4"),
    )  # fmt: skip
    good = bad.model_copy(update={"success": True, "description": "유형별 문항 수", "failed_ids": ()})
    write_json(
        folder / "gate_report.json",
        GateReport(passed=False, rows=5, pool_rows=0, expectations=(bad, good), reasons={"wrong_number": 4}),
    )
    write_jsonl(folder / "qa_pairs.jsonl", pairs)
    write_jsonl(folder / "qa_checks.jsonl", checks)
    for name in ("gate_report.json", "qa_pairs.jsonl", "qa_checks.jsonl"):
        run.store.put(run.spec.run_name, name, folder / name)


def mails(folder: Path) -> list[tuple[str, str, str]]:
    """Subject, recipients and text of each mail."""
    read = []
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("html",))
        assert body is not None
        read.append((str(message["subject"]), str(message["to"]), html.unescape(body.get_content())))
    return read


@pytest.mark.usefixtures("configured")
def test_a_refused_gate_is_told_on_every_channel(
    run: OpenedRun, tmp_path: Path, mailbox: Path, webhook: type[Receiver]
) -> None:
    """Mail and webhook say in Korean what failed, observed and expected, three rows with reasons, and where to look."""
    refused_dataset(run, tmp_path)
    tell_failure(failed("gate", GateRefusedFailure("refused"), run))
    [(subject, to, text)] = mails(mailbox)
    assert subject.startswith("[regtune] 데이터셋이 품질 검사를 통과하지 못했습니다")
    assert to == "a@example.com, b@example.com"
    for part in (
        "사유가 있는 행의 비율",
        "기대: 2% 이하",
        "실제: 80%",
        "[q1] 질문: <b>휴가</b> 1?",
        "사유: wrong_number",
    ):
        assert part in text
    assert "유형별 문항 수" not in text
    assert "[q3]" in text
    assert "[q4]" not in text
    assert "http://airflow.example.com/dags/regtune/runs/manual__1" in text
    assert f"{run.store.location(run.spec.run_name)}/data_docs/index.html" in text
    [(headers, message)] = webhook.posted
    assert headers["Authorization"] == "Bearer hook-token"
    assert message["subject"] == subject
    assert "사유가 있는 행의 비율" in message["text"]
    assert (message["task_id"], message["run_name"]) == ("gate", run.spec.run_name)


@pytest.mark.usefixtures("configured", "webhook")
def test_a_failed_task_is_told_with_its_reason(run: OpenedRun, mailbox: Path) -> None:
    """The alert says which task, why, and where its log is."""
    tell_failure(failed("check_48", AirflowException("host 48 lacks: disk"), run))
    [(subject, _, text)] = mails(mailbox)
    assert subject == f"[regtune] 작업이 실패했습니다: check_48 ({run.spec.run_name})"
    assert "host 48 lacks: disk" in text
    assert "http://airflow.example.com/dags/regtune/runs/manual__1/tasks/check_48" in text


@pytest.mark.usefixtures("configured")
def test_a_channel_that_is_down_stops_nothing(
    run: OpenedRun, webhook: type[Receiver], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a mail server the webhook is still told, the log says what is down, and nothing is raised."""
    gone = {"conn_type": "smtp", "host": "127.0.0.1", "port": free_port(), "login": "", "password": ""}
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps({**gone, "extra": {"disable_ssl": True, "disable_tls": True}}))
    tell_failure(failed("train", AirflowException("x"), run))
    assert len(webhook.posted) == 1
    assert any("alert not delivered by mail (mail)" in record.getMessage() for record in caplog.records)
