"""What a message says: facts of a run put into the Korean texts of include/alerts/ (string.Template).

In: the store, names of runs, a task's log. Out: a subject and a body. At most three rows of the dataset are shown, each
cut to length; no other document text, and of a log only its last lines, without the values that a validation error
quotes. Secrets are masked: those that Airflow knows in this process, and what has the form of one.
"""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from regtune.artifacts import read_json, read_jsonl
from regtune.config import AlertsConfig, PipelineConfig
from regtune.contracts import GateReport, QACheck, QAPair
from regtune.orchestration.callbacks import NO_RUN
from regtune.orchestration.ended_by_hand import log_name
from regtune.orchestration.page.addresses import (
    DAG_ID,
    DATA_DOCS,
    REPORT,
    REVIEW,
    dag_run_address,
    file_address,
    run_address,
    task_address,
)
from regtune.orchestration.settings import ALERTS
from regtune.orchestration.store import Store
from regtune.qa.reasons import in_korean
from regtune.stage_table import STAGES

EXAMPLES = 3
_POOL = "evaluation_pool.jsonl"
_EXAMPLE_CHARACTERS = 300
_LINE_CHARACTERS = 200
_QUOTED_VALUE = re.compile(r"input_value=.*?(?=, input_type=|\]|$)")
_SECRET = re.compile(
    r"""(?ix) (?P<kept> ://[^\s/:@]*: | \b authorization ["']? \s*[:=]\s* ["']? (?:(?:bearer|basic)\s+)? | \b bearer \s+
    | [\w-]*(?:password|passwd|secret|token|api[_\s-]?key) (?:\s+provided)? ["']? \s*[:=]\s* ["']?
    | [?&] (?:[\w-]*key|sig|signature|code|auth) =
    | hooks\.slack\.com/\w+/ | /api/webhooks/ | webhook\.office\.com/ ) [^\s"',;@&]{4,}
    | \b (?:sk|hf|xox[a-z]|ghp) [-_][\w-]{16,} | \b AIza [\w-]{16,}"""
)
_MASK = "***"
_GROUP_START, _GROUP_END = "::group::", "::endgroup::"
_KOREA = ZoneInfo("Asia/Seoul")
_STATES = {"success": "성공", "failed": "실패", "cancelled": "취소", "queued": "대기", "running": "실행 중"}


def compose(name: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Fill include/alerts/<name>.txt; returns the subject (its first line) and the body.

    Raises:
        KeyError: the text asks for a value that is not given.
    """
    text = Template((ALERTS / f"{name}.txt").read_text(encoding="utf-8")).substitute(values)
    subject, _, body = text.partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


def places(alerts: AlertsConfig, dag_run_id: str, run_name: str) -> dict[str, str]:
    """Names and links that every message about a run has."""
    base = alerts.ui_base_url.rstrip("/")
    known = run_name != NO_RUN
    return {
        "dag_id": DAG_ID,
        "dag_run_id": dag_run_id,
        "run_name": run_name,
        "run_url": base + dag_run_address(dag_run_id),
        "page_url": base + (run_address(run_name) if known else run_address("").rpartition("/runs")[0] + "/"),
    }


def task_values(
    config: PipelineConfig, task_id: str, try_number: int, reason: str, lines: Sequence[str]
) -> dict[str, str]:
    """What failed, where, and what to do there."""
    host = STAGES[task_id].host if task_id in STAGES else "scheduler"
    if host == "scheduler":
        where, look = "스케줄러", "스케줄러의 디스크, 결과 저장소(publish.store), 설정 파일과 규정 등록부"
    else:
        settings = config.hosts.dataset if host == "02" else config.hosts.tuning
        where = f"호스트 .{host} (SSH 연결 {settings.ssh_conn_id}, 폴더 {settings.base_dir})"
        look = f"호스트 .{host}의 상태(check_{host} 작업을 Clear 하면 빠진 것을 몇 초 만에 모두 알려 줍니다)"
    return {
        "task_id": task_id,
        "try_number": str(try_number),
        "where": where,
        "look": look,
        "reason": reason,
        "log_lines": shown(lines),
    }


def shown(log_lines: Sequence[str]) -> str:
    """Lines of a log as a paragraph."""
    return "\n".join(f"  {line}" for line in log_lines) or "  (기록을 읽을 수 없습니다. 아래 링크에서 보십시오.)"


def failed_by_hand_values(
    config: PipelineConfig, run_name: str, tasks: Sequence[Mapping[str, Any]], *, whole: bool
) -> dict[str, str]:
    """Which task, or the run with the tasks that were at work, and where they were."""
    names = [str(task["task_id"]) for task in tasks]
    places = dict.fromkeys(task_values(config, name, 1, "", ())["where"] for name in names)
    kept = [log_name(str(task["task_id"]), int(task["try_number"])) for task in tasks]
    return {
        "what": f"실행 전체(돌던 작업: {', '.join(names) or '없음'})" if whole else f"{names[0]} 작업",
        "where": "\n".join(places) or "돌던 작업이 없었습니다.",
        "kept_logs": ", ".join(f"{run_name}/{name}" for name in kept) or "없음",
    }


def task_url(alerts: AlertsConfig, dag_run_id: str, task_id: str) -> str:
    """Where the task's log is."""
    return alerts.ui_base_url.rstrip("/") + task_address(dag_run_id, task_id)


def gate_values(alerts: AlertsConfig, store: Store, run_name: str) -> dict[str, str]:
    """What failed, observed and expected, example rows, and where to look.

    The examples are rows that the failed expectations name; where they name none, e.g. a mean, the rows that validate
    found fault with or that rest least on their provision.

    Raises:
        RegtuneError: the gate's report is not in the store.
    """
    with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        folder = Path(temporary)
        names = ["gate_report.json", "qa_checks.jsonl", "qa_pairs.jsonl"]
        names += [_POOL] if store.has(run_name, _POOL) else []
        for name in names:
            store.fetch(run_name, name, folder / name)
        report = read_json(folder / "gate_report.json", GateReport)
        pairs = {pair.qa_id: pair for name in names[2:] for pair in read_jsonl(folder / name, QAPair)}
        checks = {check.qa_id: check for check in read_jsonl(folder / "qa_checks.jsonl", QACheck)}
    failed = [expectation for expectation in report.expectations if not expectation.success]
    named = dict.fromkeys(qa_id for expectation in failed for qa_id in expectation.failed_ids)
    ids = [qa_id for qa_id in named or sorted(checks, key=lambda qa_id: _weakness(checks[qa_id])) if qa_id in pairs]
    examples = [_example(pairs[qa_id], checks.get(qa_id)) for qa_id in ids[:EXAMPLES]]
    return {
        "rows": str(report.rows),
        "failed": str(len(failed)),
        "expectations": "\n".join(f"- {e.description}\n    기대: {e.expected}\n    실제: {e.observed}" for e in failed),
        "examples": "\n".join(examples) or "(없음)",
        "which": "기준에 걸린 행" if named else "걸린 행을 하나씩 짚을 수 없는 항목입니다. 가장 약한 행",
        "data_docs": _url(alerts, run_name, DATA_DOCS),
        "review": _url(alerts, run_name, REVIEW),
    }


def publication_values(alerts: AlertsConfig, store: Store, publication: Mapping[str, Any]) -> dict[str, str]:
    """Why an adapter did not become champion, and which one stays; from publish.json, made by the run's own code."""
    champion = store.pointer("champion.json")
    stays = f"{champion['run_name']} (기준일 {champion['as_of']})" if champion else "아직 없습니다"
    return {
        "as_of": str(publication["as_of"]),
        "headline": str(publication["headline"]),
        "why": str(publication["reason"]),
        "champion": stays,
        "warnings": "\n".join(f"- {warning}" for warning in publication["warnings"]) or "- 없음",
        "report": _url(alerts, str(publication["run_name"]), REPORT),
    }


def late_values(dag_run: Mapping[str, Any], deadline: Mapping[str, Any], hours: float | None) -> dict[str, str]:
    """Which run, since when, and what was expected; times in Korea."""
    state = str(dag_run.get("state"))
    return {
        "state": _STATES.get(state, state),
        "date": str(dag_run.get("logical_date") or dag_run.get("run_after") or NO_RUN)[:10],
        "queued_at": korean_time(dag_run.get("queued_at")),
        "deadline_at": korean_time(deadline.get("deadline_time")),
        "hours": "-" if hours is None else f"{hours:g}",
    }


def backfill_values(alerts: AlertsConfig, store: Store, runs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """One paragraph a run: its date, how it ended, what it made.

    Args:
        alerts: for the links.
        store: publish.json of each run is read.
        runs: day, state, dag_run_id and run_name (`-` where it never opened one) of each.
    """
    base = alerts.ui_base_url.rstrip("/")
    paragraphs = []
    for run in runs:
        none = "실행하지 않았습니다." if run["state"] == "cancelled" else "결과가 없습니다."
        told = _headline(store, run["run_name"]) or none
        link = base + dag_run_address(run["dag_run_id"])
        paragraphs.append(f"- {run['day']}: {_STATES.get(run['state'], run['state'])}. {told}\n    {link}")
    return {
        "count": str(len(runs)),
        "succeeded": str(sum(run["state"] == "success" for run in runs)),
        "failed": str(sum(run["state"] == "failed" for run in runs)),
        "cancelled": str(sum(run["state"] == "cancelled" for run in runs)),
        "runs": "\n".join(paragraphs),
        "page_url": base + run_address("").rpartition("/runs")[0] + "/",
    }


def last_lines(files: Sequence[Path], count: int) -> list[str]:
    """Return the last lines of a task's log, the triggerer's part in its place; Airflow's own groups are left out.

    Args:
        files: Airflow's, one JSON object a line; absent ones are passed over.
        count: how many.
    """
    lines = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        lines += [line for line in map(_log_line, text.splitlines()) if line is not None]
    told, in_group = [], False
    for _, line in sorted(lines, key=itemgetter(0)):
        in_group = (in_group or line.startswith(_GROUP_START)) and not line.startswith(_GROUP_END)
        if not in_group and not line.startswith(_GROUP_END):
            told.append(line)
    return told[-count:] if count else []


def korean_time(value: object) -> str:
    """`2025-07-01 09:00` in Korea; a dash for nothing."""
    if value is None:
        return NO_RUN
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return f"{moment.astimezone(_KOREA):%Y-%m-%d %H:%M}"


def one_line(text: str) -> str:
    """Keep a reason to one line, without the values that a validation error quotes and without secrets."""
    from airflow.sdk._shared.secrets_masker import redact

    masked = _SECRET.sub(lambda found: (found["kept"] or "") + _MASK, str(redact(text)))
    return _QUOTED_VALUE.sub("input_value=…", " ".join(masked.split()))


def _log_line(line: str) -> tuple[str, str] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or not str(record.get("event") or "").strip():
        return None
    event = one_line(str(record["event"]))
    cut = event if len(event) <= _LINE_CHARACTERS else event[:_LINE_CHARACTERS] + " …"
    return str(record.get("timestamp") or ""), cut


def _weakness(check: QACheck) -> tuple[bool, float, str]:
    """Sort key: with reasons first, then by how little of the answer stands in the provision."""
    grounding = check.figures.get("grounding")
    return not check.reasons, float(grounding) if isinstance(grounding, int | float) else 1.0, check.qa_id


def _example(pair: QAPair, check: QACheck | None) -> str:
    reasons = ", ".join(map(in_korean, check.reasons)) if check is not None and check.reasons else "-"
    return f"- [{pair.qa_id}] 질문: {_cut(pair.question)}\n    답변: {_cut(pair.answer)}\n    사유: {reasons}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _EXAMPLE_CHARACTERS else text[:_EXAMPLE_CHARACTERS] + " …"


def _url(alerts: AlertsConfig, run_name: str, artifact: str) -> str:
    return alerts.ui_base_url.rstrip("/") + file_address(run_name, artifact)


def _headline(store: Store, run_name: str) -> str | None:
    manifest = None if run_name == NO_RUN else store.manifest(run_name, "publish")
    return None if manifest is None else str(manifest.counts["headline"])
