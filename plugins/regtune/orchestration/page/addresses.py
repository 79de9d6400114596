"""Where things are on the page: what alerts, links of tasks and the page itself point to.

In: names of runs and artifacts. Out: paths below Airflow's address, quoted.
"""

from urllib.parse import quote

PREFIX = "/regtune"
DAG_ID = "regtune"
REPORT, DATA_DOCS, REVIEW = "report.html", "data_docs/", "review.xlsx"
CHANGES = "changes.html"
"""Made of changes.json when it is asked for, as REVIEW is of the dataset."""


def run_address(run_name: str) -> str:
    """Page of one run."""
    return f"{PREFIX}/runs/{quote(run_name, safe='')}"


def file_address(run_name: str, path: str) -> str:
    """One file of a run; `data_docs/` shows the result of the gate."""
    return f"{run_address(run_name)}/files/{quote(path)}"


def dag_run_address(dag_run_id: str) -> str:
    """The run in Airflow's own UI."""
    return f"/dags/{DAG_ID}/runs/{quote(dag_run_id, safe='')}"


def task_address(dag_run_id: str, task_id: str) -> str:
    """One task of the run in Airflow's own UI; its log is there."""
    return f"{dag_run_address(dag_run_id)}/tasks/{quote(task_id, safe='')}"
