"""make demo: the whole DAG on the sample regulations, on this machine, followed task by task in the terminal.

    python include/demo/demo.py run | up | down

In: include/config/demo.yaml; for real models the variables that settings.py names. Out: .demo/ with everything that was
made, then the headline, the report's path, the UI's address. What stands in is said first. `run` and `up` keep
Airflow up until Ctrl-C or `down`; a second `run` beside them uses the Airflow that is up.
"""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from airflow_api import AirflowApi, ApiError
from breakdown import breakdown, table
from processes import end_recorded, record, recorded
from services import Services, end_left_over
from settings import Places, stand_ins, write_settings

REPOSITORY = Path(__file__).resolve().parents[2]
INCLUDE = REPOSITORY / "include"
STATE = REPOSITORY / ".demo"
DRIVER = STATE / "driver.json"
REGISTER = INCLUDE / "regulations" / "register.yaml"
BASE_MODEL = STATE / "models" / "stand-in-base"
STORE = STATE / "artifacts"
SCHEDULER_PYTHON = REPOSITORY / ".venv" / "scheduler" / "bin" / "python"
HOST_PYTHON = REPOSITORY / ".venv" / "host" / "bin" / "python"
RUN_TIMEOUT_SECONDS = 6 * 3600
LOG_LINES_OF_A_FAILURE = 12
DRIVER_PATIENCE_SECONDS = 90
"""The driver ends its own children first, with patience of its own."""
SHOWN_STATES = ("running", "success", "failed", "up_for_retry", "upstream_failed", "skipped")


def main() -> int:
    """Parse the one argument; returns the exit code."""
    actions = {"run": run, "up": up, "down": down}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:  # noqa: PLR2004 - program and action
        sys.stderr.write("usage: demo.py run | up | down\n")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # make down ends it as Ctrl-C does
    try:
        return actions[sys.argv[1]]()
    except KeyboardInterrupt:
        print("\nstopped")
        return 0
    except (RuntimeError, ValueError, OSError, subprocess.CalledProcessError, ApiError) as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1


def run() -> int:
    """Start what is not up, trigger a run, follow it, print what it made; then keep the UI up."""
    api = _already_up()
    if api is not None:
        print(f"using the Airflow that is up at {api.base_url}")
        exit_code = _follow_run(api)
        _show_login(api)
        return exit_code
    services = _prepared()
    with services:
        exit_code = _follow_run(services.api)
        if exit_code == 0:
            _stay_up(services)
    return exit_code


def up() -> int:
    """Start everything and wait; runs are triggered in the UI."""
    if _already_up() is not None:
        print("it is up already; make down ends it")
        return 0
    with _prepared() as services:
        _stay_up(services)
    return 0


def down() -> int:
    """End the process that `run` or `up` left waiting, and whatever it started."""
    there = bool(recorded(DRIVER))
    end_recorded(DRIVER, DRIVER_PATIENCE_SECONDS)
    end_left_over(STATE)
    print("down" if there else "nothing was up")
    return 0


def _already_up() -> AirflowApi | None:
    """The Airflow of another `run` or `up`."""
    if not recorded(DRIVER):
        return None
    ports = json.loads((STATE / "ports.json").read_text(encoding="utf-8"))
    secrets = json.loads((STATE / "secrets.json").read_text(encoding="utf-8"))
    return AirflowApi(f"http://127.0.0.1:{ports['ui']}", Services.username, secrets["password"])


def _prepared() -> Services:
    """Make what the services need: their state, the base model, the configuration."""
    for name in stand_ins(os.environ):
        print(f"stand-in: {name}")
    STATE.mkdir(exist_ok=True)
    services = Services(STATE, STATE / "config.yaml", REGISTER, SCHEDULER_PYTHON, HOST_PYTHON, say=_say)
    record(DRIVER, [os.getpid()])
    if "REGTUNE_BASE_MODEL" not in os.environ:
        corpus = INCLUDE / "regulations"
        command = [HOST_PYTHON, INCLUDE / "demo" / "base_model.py", "--corpus", corpus, "--out", BASE_MODEL]
        subprocess.run(command, check=True)
    places = Places(
        config_folder=INCLUDE / "config",
        endpoint_url=services.endpoint_url,
        base_model=BASE_MODEL,
        store=STORE,
        host_python=HOST_PYTHON,
        host_folders={name: services.host_folder(name) for name in ("02", "48")},
        ui_url=services.ui_url,
    )
    write_settings(services.config_path, places, os.environ)
    return services


def _follow_run(api: AirflowApi) -> int:
    register = yaml.safe_load(REGISTER.read_text(encoding="utf-8"))
    dates = [str(revision["effective_date"]) for entry in register["regulations"] for revision in entry["revisions"]]
    run_id = api.trigger({"effective_date": max(dates)})
    _say(f"triggered the DAG regtune for {max(dates)}: {api.base_url}/dags/regtune/runs/{run_id}")
    state = api.wait(run_id, RUN_TIMEOUT_SECONDS, on_change=_show_task)
    if state != "success":
        _show_failures(api, run_id)
        return 1
    _show_results(api, run_id)
    return 0


def _show_task(task: dict[str, Any]) -> None:
    if task["state"] in SHOWN_STATES:
        seconds = f"{task['duration']:6.1f} s" if task["state"] != "running" and task["duration"] else ""
        _say(f"{task['task_id']:<12}{task['state']:<16}{seconds}")


def _show_failures(api: AirflowApi, run_id: str) -> None:
    for task in api.tasks(run_id):
        if task["state"] == "failed":
            lines = [line for line in api.log(run_id, task["task_id"], task["try_number"]).splitlines() if line.strip()]
            print(f"\n{task['task_id']} failed; the end of its log:", *lines[-LOG_LINES_OF_A_FAILURE:], sep="\n  ")
    print(f"\nmake up shows the run in Airflow's UI; logs of the services are in {STATE / 'logs'}")


def _show_results(api: AirflowApi, run_id: str) -> None:
    folder = STORE / "runs" / str(api.xcom(run_id, "open_run"))
    published = json.loads((folder / "publish.json").read_text(encoding="utf-8"))
    print(f"\n{published['headline']}\n")
    print(table(breakdown(api, run_id, folder)), end="\n\n")
    for name in ("report.html", "data_docs/index.html"):
        if (folder / name).is_file():
            print(f"{name:<22}{folder / name}")


def _show_login(api: AirflowApi) -> None:
    print(f"Airflow   {api.base_url}   login {api.login['username']} / {api.login['password']}")


def _stay_up(services: Services) -> None:
    _show_login(services.api)
    print("It stays up until Ctrl-C or make down.", flush=True)
    signal.pause()


def _say(text: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
