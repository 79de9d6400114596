"""Tells people what happens in a run, by mail and by webhook, in Korean, each event once.

In: what Airflow calls back with. Out: a message on each configured channel, at once or from the outbox later.

| event | called by | where it runs |
|---|---|---|
| the gate refused, a task failed for good | the task's on_failure_callback | worker (dag-processor: lost heartbeat) |
| the adapter was not promoted | on_success_callback of publish, which also sends what is in the outbox | worker |
| a run is later than its deadline | DeadlineAlert of the DAG | triggerer |
| somebody set a task or a run to failed | failed_by_hand.py | triggerer |
| all runs of a backfill have ended, or one of them again with another end | alerts_run_end.py | triggerer |

What a channel did not take is sent later: after every run the triggerer looks into the outbox until it is empty.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert
from airflow.sdk.exceptions import AirflowFailException

from regtune.artifacts import sha256_of_json
from regtune.config import PipelineConfig
from regtune.errors import RegtuneError
from regtune.orchestration import alerts_text as text
from regtune.orchestration.alerts_deadline import RunQueued
from regtune.orchestration.alerts_reasons import in_korean
from regtune.orchestration.callbacks import NO_RUN
from regtune.orchestration.failures import GateRefusedFailure
from regtune.orchestration.settings import current_config
from regtune.orchestration.store import Store

if TYPE_CHECKING:
    from airflow.sdk import Context

_log = logging.getLogger(__name__)
_OPEN_RUN = "open_run"
_FAILED_BY_AIRFLOW = "작업을 돌리던 프로세스가 사라져 Airflow가 실패로 처리했습니다."
_NO_MORE = "더는 재시도하지 않습니다"
_SAME_AGAIN = "그대로 다시 해도 같은 결과라 재시도하지 않습니다"
_NOT_PROMOTED = ("not_champion", "not_compared")
_UNFINISHED = ("queued", "running")
_LONGEST_WAIT_SECONDS = 3600.0
_STATE_DIGITS = 12


def tell_failure(context: "Context") -> None:
    """Airflow's on_failure_callback: called once, when no retry is left."""
    config, ti = current_config(), context["ti"]
    run_name = _run_name(ti)
    values = text.places(config.alerts, str(ti.run_id), run_name)
    key = f"{ti.dag_id}/{ti.run_id}/{ti.task_id}/{ti.try_number}"
    if isinstance(context.get("exception"), GateRefusedFailure):
        try:
            values |= text.gate_values(config.alerts, Store(config.publish.store), run_name)
            tell(config, "gate_refused", key, {**values, "task_id": ti.task_id})
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the store, people hear of the refusal
            _log.warning("the alert has no details of the gate: %s", text.one_line(str(error)))
        else:
            return
    reason = text.one_line(str(context.get("exception") or context.get("reason") or _FAILED_BY_AIRFLOW))
    lines = text.last_lines(_log_files(ti), config.alerts.log_lines)
    values |= text.task_values(config, ti.task_id, ti.try_number, in_korean(reason), lines)
    values["again"] = _SAME_AGAIN if isinstance(context.get("exception"), AirflowFailException) else _NO_MORE
    values["log_url"] = text.task_url(config.alerts, str(ti.run_id), ti.task_id)
    tell(config, "task_failed", key, values)


def tell_published(context: "Context") -> None:
    """on_success_callback of publish: tell of an adapter that was not promoted, and send what waits in the outbox."""
    from regtune.orchestration.alerts_outbox import send_kept

    config, ti = current_config(), context["ti"]
    store, run_name = Store(config.publish.store), _run_name(ti)
    publication = _publication(store, run_name)
    if publication is None or publication["decision"] not in _NOT_PROMOTED:
        send_kept(config.alerts, config.publish.store)
        return
    values = text.places(config.alerts, str(ti.run_id), run_name)
    values |= text.publication_values(config.alerts, store, publication)
    tell(config, "not_promoted", f"{ti.dag_id}/{ti.run_id}/{ti.try_number}", values)


async def tell_failed_by_hand(
    run_id: str, run_name: str, tasks: Sequence[Mapping[str, Any]], cleared: int | None
) -> None:
    """Tell that somebody set a task or a run to failed; queued by failed_by_hand.py, runs in the triggerer.

    Args:
        run_id: of the DAG run.
        run_name: of the run; a dash without one.
        tasks: task_id and try_number of each that was ended.
        cleared: of a run as a whole, how often it was cleared before; None for a task.
    """
    await asyncio.to_thread(_tell_failed_by_hand, run_id, run_name, tasks, cleared)


async def tell_late(context: Mapping[str, Any]) -> None:
    """Airflow's callback of a missed deadline; runs in the triggerer, whose loop it does not hold up."""
    await asyncio.to_thread(_tell_late, context)


async def tell_backfill(
    backfill_id: int, first: str, last: str, runs: Sequence[Mapping[str, str]], kind: str = "finished"
) -> None:
    """Tell what became of a backfill, once for each outcome; queued by alerts_run_end.py, runs in the triggerer."""
    await asyncio.to_thread(_tell_backfill, backfill_id, kind, {"first": first, "last": last}, runs)


async def keep_sending() -> None:
    """Send what the outbox keeps, until it is empty or alerts.keep_hours are over; queued by alerts_run_end.py.

    The first look waits: the alert of the task that ended the run may still be under way in its worker.
    """
    from regtune.orchestration.alerts_outbox import send_kept

    alerts, store_url = current_config().alerts, current_config().publish.store
    wait, end = alerts.keep_seconds, time.monotonic() + alerts.keep_hours * 3600
    while time.monotonic() < end:
        await asyncio.sleep(wait)
        if await asyncio.to_thread(send_kept, alerts, store_url):
            return
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
    _log.warning("messages wait in %s/alerts/outbox for a channel that is down", store_url)


def deadline_alert(config: PipelineConfig) -> DeadlineAlert | None:
    """Give the DAG's deadline; None when nobody is to be told (alerts.late_after_hours)."""
    if config.alerts.late_after_hours is None:
        return None
    return DeadlineAlert(
        reference=RunQueued(),
        interval=timedelta(hours=config.alerts.late_after_hours),
        callback=AsyncCallback(tell_late),
    )


def tell(config: PipelineConfig, name: str, key: str, values: Mapping[str, str]) -> None:
    """Send include/alerts/<name>.txt filled with `values`, once for each key; never raises for a channel or the store.

    Args:
        config: channels, and the store that holds the outbox.
        name: of the text.
        key: what the event is, beside the name.
        values: for the text; those that programs may want are fields of the plain webhook.
    """
    from regtune.orchestration.alerts_channels import Message
    from regtune.orchestration.alerts_outbox import deliver

    subject, body = text.compose(name, values)
    known = ("dag_id", "dag_run_id", "task_id", "run_name", "run_url", "page_url")
    facts = {"event": name, **{field: values[field] for field in known if field in values}}
    deliver(config.alerts, config.publish.store, Message(f"{name}/{key}", subject, body, facts))


def tell_change(config: PipelineConfig, thing: str, state: object, name: str, values: Mapping[str, str]) -> None:
    """Tell that something is otherwise than people last heard; nothing when it is as they know it.

    Args:
        config: channels, and the store that keeps what people know.
        thing: what the text is about, as a file name.
        state: what they know of it; plain JSON.
        name: of the text.
        values: for the text.
    """
    store, digest = Store(config.publish.store), sha256_of_json(state)[:_STATE_DIGITS]
    pointer = f"alerts/known/{thing}.json"
    known: dict[str, Any] = {"state": None, "changes": 0}
    try:
        known = store.pointer(pointer) or known
    except (OSError, RegtuneError) as error:
        _log.warning("what people know of %s is not known: %s", thing, text.one_line(str(error)))
    if known["state"] == digest:
        return
    tell(config, name, f"{thing}/{digest}/{known['changes']}", values)
    try:
        store.point(pointer, {"state": digest, "changes": known["changes"] + 1})
    except OSError as error:
        _log.warning("what people know of %s is not written: %s", thing, text.one_line(str(error)))


def _tell_late(context: Mapping[str, Any]) -> None:
    config, dag_run, deadline = current_config(), context["dag_run"], context["deadline"]
    if dag_run.get("state") not in _UNFINISHED:  # Airflow drops the deadline of a run that ended well, and of no other
        return
    dag_run_id = str(dag_run["dag_run_id"])
    values = text.places(config.alerts, dag_run_id, NO_RUN)
    values |= text.late_values(dag_run, deadline, config.alerts.late_after_hours)
    tell(config, "run_late", f"{dag_run_id}/{deadline['id']}", values)


def _tell_failed_by_hand(run_id: str, run_name: str, tasks: Sequence[Mapping[str, Any]], cleared: int | None) -> None:
    from types import SimpleNamespace

    config = current_config()
    values = text.places(config.alerts, run_id, run_name)
    values |= text.failed_by_hand_values(config, run_name, tasks, whole=cleared is not None)
    values["log_url"] = text.task_url(config.alerts, run_id, str(tasks[0]["task_id"])) if tasks else values["run_url"]
    known = [SimpleNamespace(dag_id=values["dag_id"], run_id=run_id, map_index=-1, **task) for task in tasks]
    lines = [line for ti in known for line in text.last_lines(_log_files(ti), config.alerts.log_lines)]
    key = f"run/{cleared}" if cleared is not None else "/".join(str(value) for value in tasks[0].values())
    values["log_lines"] = text.shown(lines[-config.alerts.log_lines :])
    tell(config, "failed_by_hand", f"{values['dag_id']}/{run_id}/{key}", values)


def _tell_backfill(backfill_id: int, kind: str, days: Mapping[str, str], runs: Sequence[Mapping[str, str]]) -> None:
    config = current_config()
    values = text.backfill_values(config.alerts, Store(config.publish.store), runs)
    tell_change(config, f"backfill-{backfill_id}", [dict(run) for run in runs], f"backfill_{kind}", {**values, **days})


def _run_name(ti: Any) -> str:  # noqa: ANN401 - RuntimeTaskInstance is no public type
    """Name of the run; a dash when open_run never gave one."""
    try:
        return str(ti.xcom_pull(task_ids=_OPEN_RUN) or NO_RUN)
    except Exception as error:  # noqa: BLE001 - Airflow's API may be what is down
        _log.warning("the alert does not know its run: %s", error)
        return NO_RUN


def _publication(store: Store, run_name: str) -> dict[str, Any] | None:
    try:
        return store.content(run_name, "publish.json")
    except RegtuneError as error:
        _log.warning("nothing to tell of: %s", error)
        return None


def _log_files(ti: Any) -> list[Path]:  # noqa: ANN401 - as above
    """Where this machine has the log of a try, were it written here: the worker's part and the triggerer's."""
    from airflow.configuration import conf
    from jinja2 import Template

    pattern = Template(conf.get("logging", "log_filename_template"))
    name = pattern.render(ti=ti, try_number=ti.try_number)
    file = Path(conf.get("logging", "base_log_folder")) / name
    return [file, *sorted(file.parent.glob(f"{file.name}.trigger.*"))]
