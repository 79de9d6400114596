"""What regtune adds to Airflow beside its DAG: the note on a finished run.

The one module of plugins/ that Airflow executes by itself; .airflowignore keeps it from executing the package.
"""

from airflow.plugins_manager import AirflowPlugin

from regtune.orchestration import run_note


class RegtunePlugin(AirflowPlugin):
    """Registers the listener."""

    name = "regtune"
    listeners = [run_note]  # noqa: RUF012 - Airflow's form
