"""The DAG's skeleton: its turns, alerts and links, on tasks of a moment that end as the test says."""

import os
import signal
import time
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, get_current_context

from regtune.orchestration.alerts import deadline_alert, tell_failure, tell_published
from regtune.orchestration.page.links import RUN_LINKS
from regtune.orchestration.register_watch import register_asset
from regtune.orchestration.settings import current_config, register_path
from regtune.orchestration.timetable import EffectiveDates
from regtune.orchestration.turn import take_turn
from regtune.regulations.register import effective_dates, load_register

GPU = "regtune_gpu_48"


def do_open_run() -> str:
    """Wait for the run before, and give the name of the run that the test put into the store."""
    take_turn(get_current_context()["ti"], turn_seconds=10)
    return "2024-01-01-aaaaaaaaaaaa"


def do_train() -> None:
    """End well, in an error, or as a worker that is gone with its task."""
    end = get_current_context()["dag_run"].conf.get("train")
    if end == "error" or Path(os.environ["AIRFLOW_HOME"], "fail-train").exists():
        raise RuntimeError("host 48 lacks: disk")
    if end == "wait":
        time.sleep(300)
    if end == "lost":
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def do_publish() -> str:
    """Give the headline; publish.json is there."""
    return "정답률은 60%입니다."


register = load_register(register_path())
days = effective_dates(register)

with DAG(
    dag_id="regtune",
    schedule=EffectiveDates([pendulum.datetime(day.year, day.month, day.day, tz="UTC") for day in days]),
    start_date=pendulum.datetime(2024, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    deadline=deadline_alert(current_config()),
    default_args={"retries": 0, "on_failure_callback": tell_failure},
) as dag:
    open_run = PythonOperator(task_id="open_run", python_callable=do_open_run, inlets=[register_asset(register)])
    train = PythonOperator(task_id="train", python_callable=do_train, pool=GPU)
    publish = PythonOperator(task_id="publish", python_callable=do_publish, on_success_callback=tell_published)
    open_run >> train >> publish
    for task in dag.tasks:
        task.operator_extra_links = RUN_LINKS
