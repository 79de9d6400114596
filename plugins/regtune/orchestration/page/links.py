"""From a task in Airflow's grid to what it made: the buttons beside a task's log.

In: a task instance that ended, well or not, in its worker. Out: addresses on the page; Airflow keeps them as XComs of
the task. They stand on the tasks of this DAG: a link that a plugin registers for PythonOperator, or for all, would put
an empty heading beside the tasks of every team.
"""

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink

from regtune.orchestration.page.addresses import DATA_DOCS, REPORT, file_address, run_address

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

_DOCUMENTS = {"gate": DATA_DOCS, "benchmark": REPORT, "publish": REPORT}


class RunLink(BaseOperatorLink):
    """The run's page, on every task."""

    name = "이 실행의 결과"

    def get_link(self, operator: "BaseOperator", *, ti_key: Any) -> str:  # noqa: ANN401, ARG002 - a RuntimeTaskInstance
        """Return the address; empty when open_run gave no name."""
        run_name = ti_key.xcom_pull(task_ids="open_run")
        return run_address(run_name) if run_name else ""


class DocumentLink(BaseOperatorLink):
    """Data Docs on the gate, the report on benchmark and publish."""

    name = "보고서 · Data Docs"

    def get_link(self, operator: "BaseOperator", *, ti_key: Any) -> str:  # noqa: ANN401 - as above
        """Return the address; empty for a task without a document."""
        run_name = ti_key.xcom_pull(task_ids="open_run") if operator.task_id in _DOCUMENTS else None
        return file_address(run_name, _DOCUMENTS[operator.task_id]) if run_name else ""


RUN_LINKS = (RunLink(), DocumentLink())
"""What the DAG gives each of its tasks as `operator_extra_links`."""
