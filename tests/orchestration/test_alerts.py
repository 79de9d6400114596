"""Alerts over real SMTP and HTTP, their texts as a person reads them."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowException
from alert_channels import MailServer, Receiver
from alert_scene import AIRFLOW, DAG_RUN, QUOTED_RUN, Scene, channels, play, published, refused_dataset

from regtune.artifacts import write_json
from regtune.config import PipelineConfig
from regtune.contracts import Manifest
from regtune.orchestration import alerts
from regtune.orchestration.failures import GateRefusedFailure
from regtune.orchestration.settings import ALERTS, current_config


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MailServer, Receiver]]:
    """Mail server and receiver of this module."""
    with channels(tmp_path_factory.mktemp("mail")) as both:
        yield both


@pytest.fixture
def scene(
    tmp_path: Path, config: PipelineConfig, monkeypatch: pytest.MonkeyPatch, both: tuple[MailServer, Receiver]
) -> Scene:
    """A run in a store, and channels that have got nothing yet."""
    return play(tmp_path, config, monkeypatch, *both)


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
    assert "- [q1] 질문: <b>휴가</b> 1?\n    답변: 30일이다.\n    사유: 숫자가 조문과 다름\n" in mail.text
    assert ("[q3]" in mail.text, "[q4]" in mail.text, "유형별 문항 수" in mail.text) == (True, False, False)
    assert "가" * 280 in mail.text
    assert "가" * 301 not in mail.text
    assert f"- 검사 문서(Data Docs): {scene.run_page}/files/data_docs/\n" in mail.text
    assert f"- 이번 실행의 결과: {scene.run_page}\n" in mail.text
    assert f"- Airflow 실행: {AIRFLOW}/dags/regtune/runs/{QUOTED_RUN}\n" in mail.text
    assert f"- 검토 파일: {scene.run_page}/files/review.xlsx\n" in mail.text
    [(_, headers, message)] = scene.hook.posted
    assert headers["Authorization"] == "Bearer hook/s3cret"
    assert (message["event"], message["task_id"]) == ("gate_refused", "gate")
    assert message["run_name"] == scene.spec.run_name
    assert message["text"] == f"{mail.subject}\n\n{mail.text.strip()}\n"


def test_a_refusal_that_names_no_row_shows_the_weakest(scene: Scene, tmp_path: Path) -> None:
    """A mean that is too low has three example rows too: those with reasons, then the least grounded."""
    refused_dataset(scene, tmp_path, named=(), reasons={1: ("wrong_number",)})
    alerts.tell_failure(scene.context("gate", GateRefusedFailure("refused")))
    [mail] = scene.mail.mails()
    assert "가장 약한 행(최대 3건)\n- [q1]" in mail.text
    assert [line[:5] for line in mail.text.splitlines() if line.startswith("- [q")] == ["- [q1", "- [q4", "- [q3"]


def test_what_somebody_fails_by_hand_is_told_once(scene: Scene, tmp_path: Path) -> None:
    """A task with its place, its log and where the rest of that is; a run with the tasks that were at work."""
    folder = tmp_path / "logs" / "dag_id=regtune" / f"run_id={DAG_RUN}" / "task_id=train"
    folder.mkdir(parents=True)
    entry = {"timestamp": "00", "event": "trigger regtune/train: step 10"}
    (folder / "attempt=2.log").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    train = {"task_id": "train", "try_number": 2}
    for _ in range(2):
        asyncio.run(alerts.tell_failed_by_hand(DAG_RUN, scene.spec.run_name, [train], None))
    [mail] = scene.mail.mails()
    assert mail.subject == f"[regtune] 사람이 실패로 표시했습니다: train 작업 ({scene.spec.run_name})"
    assert "곳\n호스트 .48 (" in mail.text
    assert "기록의 마지막 줄\n  trigger regtune/train: step 10\n" in mail.text
    assert f"- 서버 기록의 끝: 결과 저장소의 {scene.spec.run_name}/logs/train.2.log\n" in mail.text
    assert f"- 작업 기록: {AIRFLOW}/dags/regtune/runs/{QUOTED_RUN}/tasks/train" in mail.text
    checks = [{"task_id": name, "try_number": 1} for name in ("check_02", "check_48")]
    for cleared in (0, 0, 1):
        asyncio.run(alerts.tell_failed_by_hand(DAG_RUN, scene.spec.run_name, checks, cleared))
    asyncio.run(alerts.tell_failed_by_hand(f"{DAG_RUN}2", "-", [], 0))
    subjects = [mail.subject for mail in scene.mail.mails()[1:]]
    assert subjects == [
        *[f"[regtune] 사람이 실패로 표시했습니다: 실행 전체(돌던 작업: check_02, check_48) ({scene.spec.run_name})"]
        * 2,
        "[regtune] 사람이 실패로 표시했습니다: 실행 전체(돌던 작업: 없음) (-)",
    ]


def test_a_failed_task_is_told_with_its_place_and_its_log(scene: Scene, tmp_path: Path) -> None:
    """What, where, why, the last lines of worker and triggerer in their order, what to do, links."""
    folder = tmp_path / "logs" / "dag_id=regtune" / f"run_id={DAG_RUN}" / "task_id=train"
    folder.mkdir(parents=True)
    worker = [("00", "host 48: start"), ("09", "Task failed with exception")]
    triggerer = [
        ("01.0", "::group::Pre Execute"),
        ("01.1", "Filling up the DagBag"),
        ("01.2", "::endgroup::"),
        ("01.3", "x" * 300),
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
    assert "2번째 시도에서 실패했고, 더는 재시도하지 않습니다: train\n" in mail.text
    assert "곳\n호스트 .48 (SSH 연결 regtune_48, 폴더 /tmp/regtune)" in mail.text
    assert "사유\n서버에 빠진 것이 있습니다. " in mail.text
    assert "\n원문: host 48 lacks: disk\n" in mail.text
    lines = [f"  {'x' * 200} …", "  train: step 20 of 90", "  [type=x, input_value=…, input_type=str]"]
    assert "\n".join(["기록의 마지막 줄", *lines, "  Task failed with exception"]) in mail.text
    assert "host 48: start" not in mail.text
    assert "없으면 다음을 살핍니다: 호스트 .48의 상태(check_48 작업을 Clear 하면" in mail.text
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
    asyncio.run(alerts.tell_late(context={"dag_run": {**dag_run, "state": "failed"}, "deadline": {"id": "d2"}}))
    assert len(scene.mail.mails()) == 1  # a run that failed before is not late; its failure was told


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


def test_a_backfill_that_ends_otherwise_than_told_is_told_again(scene: Scene) -> None:
    """The same outcome once; a run that was cleared and ended differently is a correction; cancelled runs are named."""
    runs = [{"day": "2024-07-01", "state": "success", "dag_run_id": "backfill__a", "run_name": "-"}]
    for _ in range(2):
        asyncio.run(alerts.tell_backfill(3, "2024-07-01", "2024-07-01", runs))
    asyncio.run(alerts.tell_backfill(3, "2024-07-01", "2024-07-01", runs, "corrected"))
    asyncio.run(alerts.tell_backfill(3, "2024-07-01", "2024-07-01", [{**runs[0], "state": "failed"}], "corrected"))
    asyncio.run(alerts.tell_backfill(4, "2024-07-01", "2024-07-01", [{**runs[0], "state": "cancelled"}], "cancelled"))
    subjects = [mail.subject for mail in scene.mail.mails()]
    assert subjects == [
        "[regtune] 백필이 끝났습니다: 2024-07-01 ~ 2024-07-01 (성공 1, 실패 0)",
        "[regtune] 끝난 백필의 결과가 바뀌었습니다: 2024-07-01 ~ 2024-07-01 (성공 0, 실패 1)",
        "[regtune] 백필이 취소되었습니다: 2024-07-01 ~ 2024-07-01 (성공 0, 실패 0, 취소 1)",
    ]
    assert "- 2024-07-01: 취소. 실행하지 않았습니다." in scene.mail.mails()[-1].text


def test_every_text_starts_with_a_subject() -> None:
    """Each file of include/alerts begins with one line for the subject and a blank one."""
    files = sorted(ALERTS.glob("*.txt"))
    assert len(files) >= 5
    for file in files:
        subject, blank, *_ = file.read_text(encoding="utf-8").split("\n")
        assert subject.startswith("[regtune] "), file
        assert blank == "", file
