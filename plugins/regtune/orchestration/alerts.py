"""Tells people that the gate refused a dataset, or that a task failed for good: by mail and by webhook, in Korean.

In: the context of a failed task, the store, include/alerts/*.txt (string.Template). Out: one message on each configured
channel. A channel that does not answer is a line in the log; it never fails more than has failed already.
The gate's alert shows at most three rows of the dataset; no other document text and no secret leaves.
"""

import html
import logging
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from regtune.artifacts import read_json, read_jsonl
from regtune.config import AlertsConfig
from regtune.contracts import GateReport, QACheck, QAPair
from regtune.errors import RegtuneError
from regtune.orchestration.failures import GateRefusedFailure
from regtune.orchestration.settings import ALERTS, current_config
from regtune.orchestration.store import Store

if TYPE_CHECKING:
    from airflow.sdk import Context

_log = logging.getLogger(__name__)
_EXAMPLES = 3
_OPEN_RUN = "open_run"


def tell_failure(context: "Context") -> None:
    """Airflow's on_failure_callback: called once, when no retry is left."""
    config = current_config()
    values, name = _values(context, config.alerts), "task_failed"
    if isinstance(context.get("exception"), GateRefusedFailure):
        try:
            values |= _gate_values(Store(config.publish.store), values["run_name"])
            name = "gate_refused"
        except RegtuneError as error:
            _log.warning("the alert has no details of the gate: %s", error)
    text = Template((ALERTS / f"{name}.txt").read_text(encoding="utf-8")).substitute(values)
    subject, _, body = text.partition("\n")
    send(config.alerts, subject.strip(), body.strip() + "\n", values)


def send(alerts: AlertsConfig, subject: str, body: str, values: Mapping[str, str]) -> None:
    """Send one message on every configured channel."""
    if alerts.smtp_conn_id is not None:
        _try("mail", alerts.smtp_conn_id, lambda: _mail(str(alerts.smtp_conn_id), alerts, subject, body))
    if alerts.webhook_conn_id is not None:
        _try("webhook", alerts.webhook_conn_id, lambda: _webhook(str(alerts.webhook_conn_id), subject, body, values))


def _values(context: "Context", alerts: AlertsConfig) -> dict[str, str]:
    ti = context["ti"]
    run_id = str(ti.run_id)
    base = alerts.ui_base_url.rstrip("/")
    exception = " ".join(str(context.get("exception") or "Airflow가 작업을 실패로 처리했습니다.").split())
    return {
        "dag_id": ti.dag_id,
        "task_id": ti.task_id,
        "dag_run_id": run_id,
        "run_name": str(ti.xcom_pull(task_ids=_OPEN_RUN) or "-"),
        "try_number": str(ti.try_number),
        "reason": exception,
        "run_url": f"{base}/dags/{ti.dag_id}/runs/{run_id}",
        "log_url": f"{base}/dags/{ti.dag_id}/runs/{run_id}/tasks/{ti.task_id}",
    }


def _gate_values(store: Store, run_name: str) -> dict[str, str]:
    """What failed, observed and expected, and example rows."""
    with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        folder = Path(temporary)
        for name in ("gate_report.json", "qa_pairs.jsonl", "qa_checks.jsonl"):
            store.fetch(run_name, name, folder / name)
        report = read_json(folder / "gate_report.json", GateReport)
        pairs = {pair.qa_id: pair for pair in read_jsonl(folder / "qa_pairs.jsonl", QAPair)}
        checks = {check.qa_id: check for check in read_jsonl(folder / "qa_checks.jsonl", QACheck)}
    failed = [expectation for expectation in report.expectations if not expectation.success]
    lines = [f"- {e.description}\n    기대: {e.expected}\n    실제: {e.observed}" for e in failed]
    ids = list(dict.fromkeys(qa_id for expectation in failed for qa_id in expectation.failed_ids if qa_id in pairs))
    examples = [_example(pairs[qa_id], checks.get(qa_id)) for qa_id in ids[:_EXAMPLES]]
    return {
        "rows": str(report.rows),
        "failed": str(len(failed)),
        "expectations": "\n".join(lines),
        "examples": "\n".join(examples) or "(해당하는 행이 없습니다)",
        "data_docs": f"{store.location(run_name, 'data_docs')}/index.html",
        "report": store.location(run_name, "gate_report.json"),
    }


def _example(pair: QAPair, check: QACheck | None) -> str:
    reasons = ", ".join(check.reasons) if check is not None and check.reasons else "-"
    return f"- [{pair.qa_id}] 질문: {pair.question}\n    답변: {pair.answer}\n    사유: {reasons}"


def _try(channel: str, conn_id: str, deliver: Callable[[], None]) -> None:
    try:
        deliver()
    except Exception as error:  # noqa: BLE001 - whatever a channel raises, the other one and the run go on
        _log.warning("alert not delivered by %s (%s): %s", channel, conn_id, " ".join(str(error).split()))
    else:
        _log.info("alert delivered by %s (%s)", channel, conn_id)


def _mail(conn_id: str, alerts: AlertsConfig, subject: str, body: str) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    page = f'<pre style="font-family: sans-serif; white-space: pre-wrap">{html.escape(body)}</pre>'
    with SmtpHook(smtp_conn_id=conn_id) as hook:
        hook.send_email_smtp(to=list(alerts.email_to), from_email=alerts.email_from, subject=subject, html_content=page)


def _webhook(conn_id: str, subject: str, body: str, values: Mapping[str, str]) -> None:
    from airflow.providers.http.hooks.http import HttpHook
    from airflow.sdk import BaseHook

    password = BaseHook.get_connection(conn_id).password
    headers = {"Authorization": f"Bearer {password}"} if password else {}
    facts: dict[str, Any] = {name: values[name] for name in ("dag_id", "dag_run_id", "task_id", "run_name", "run_url")}
    hook = HttpHook(method="POST", http_conn_id=conn_id)
    hook.run(json={"text": f"{subject}\n\n{body}", "subject": subject, **facts}, headers=headers)
