"""The DAG's skeleton: its alerts and links, on tasks of a moment that end as the run's conf says."""

import os
import signal

import pendulum
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, get_current_context
from airflow.timetables.events import EventsTimetable

from regtune.orchestration.alerts import deadline_alert, tell_failure, tell_published
from regtune.orchestration.page.links import RUN_LINKS
from regtune.orchestration.settings import current_config


def do_open_run() -> str:
    """Give the name of the run that the test put into the store."""
    return "2024-01-01-aaaaaaaaaaaa"


def do_train() -> None:
    """End well, in an error, or as a worker that is gone with its task."""
    end = get_current_context()["dag_run"].conf.get("train")
    if end == "error":
        raise RuntimeError("host 48 lacks: disk")
    if end == "lost":
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def do_publish() -> None:
    """Do nothing; publish.json is there."""


with DAG(
    dag_id="regtune",
    schedule=EventsTimetable([pendulum.datetime(2024, month, 1, tz="UTC") for month in (1, 2)]),
    start_date=pendulum.datetime(2024, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    deadline=deadline_alert(current_config()),
    default_args={"retries": 0, "on_failure_callback": tell_failure},
) as dag:
    open_run = PythonOperator(task_id="open_run", python_callable=do_open_run)
    train = PythonOperator(task_id="train", python_callable=do_train)
    publish = PythonOperator(task_id="publish", python_callable=do_publish, on_success_callback=tell_published)
    open_run >> train >> publish
    for task in dag.tasks:
        task.operator_extra_links = RUN_LINKS
