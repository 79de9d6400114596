"""What alerts tell of, and whom: a store with an opened run, a refused dataset or a publication, and both channels."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from alert_channels import MailServer, Receiver, free_port
from opened_run import REGISTER
from ssh_hosts import REPOSITORY

from regtune.artifacts import write_json, write_jsonl
from regtune.config import PipelineConfig
from regtune.contracts import Expectation, GateReport, QACheck, QAPair, RunSpec
from regtune.open_run import RunRequest, open_run, plan_run
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


@contextmanager
def channels(folder: Path) -> Iterator[tuple[MailServer, Receiver]]:
    """Start both channels; nothing of Airflow runs."""
    mail, hook = MailServer(folder, free_port()), Receiver()
    mail.start()
    hook.start()
    yield mail, hook
    mail.stop()
    hook.stop()


def play(
    tmp_path: Path, config: PipelineConfig, monkeypatch: pytest.MonkeyPatch, mail: MailServer, hook: Receiver
) -> Scene:
    """Open a run and write settings that name the channels, which forget what they got before."""
    if mail.process is None:
        mail.start()
    for path in mail.folder.glob("*.eml"):
        path.unlink()
    hook.posted.clear()
    hook.status = 200
    store = Store(str(tmp_path / "store"))
    spec = plan_run(REGISTER, config, {"persona": "x"}, RunRequest(as_of=date(2025, 7, 1)))
    open_run(tmp_path / "opened", spec, REGISTER.parent)
    store.put_run(tmp_path / "opened")
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
    return Scene(store, spec, mail, hook, tmp_path / "config.yaml")


FOUR_FAIL = dict.fromkeys(range(1, 5), ("wrong_number",))


def refused_dataset(
    scene: Scene,
    folder: Path,
    named: tuple[str, ...] = ("q1", "q2", "q3", "q4"),
    reasons: Mapping[int, tuple[str, ...]] = FOUR_FAIL,
    question: str = "<b>휴가</b>",
) -> None:
    """Put what a gate that refused leaves: four rows, one of them very long, and one of the evaluation pool."""
    pair = {"type": "lookup", "answer": "30일이다.", "chunk_id": "c", "evidence": "30일", "model": "m"}
    hashes = {"prompt_sha256": "0" * 64, "request_sha256": "0" * 64}
    pairs = [
        QAPair.model_validate(
            {**pair, **hashes, "qa_id": f"q{n}", "question": f"{question} {n}?" + "가" * 500 * (n == 2)}
        )
        for n in range(5)
    ]
    checks = [
        QACheck(qa_id=f"q{n}", passed=n not in reasons, reasons=reasons.get(n, ()), figures={"grounding": 1 - n / 10})
        for n in range(5)
    ]
    bad = Expectation(
        name="passed", column="passed", description="사유가 있는 행의 비율", success=False,
        expected="2% 이하", observed="80%", failed_ids=named,
    )  # fmt: skip
    good = bad.model_copy(update={"success": True, "description": "유형별 문항 수", "failed_ids": ()})
    report = GateReport(passed=False, rows=5, pool_rows=0, expectations=(bad, good), reasons={"wrong_number": 4})
    write_json(folder / "gate_report.json", report)
    write_jsonl(folder / "qa_pairs.jsonl", pairs[:4])
    write_jsonl(folder / "evaluation_pool.jsonl", pairs[4:])
    write_jsonl(folder / "qa_checks.jsonl", checks)
    for name in ("gate_report.json", "qa_pairs.jsonl", "evaluation_pool.jsonl", "qa_checks.jsonl"):
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
