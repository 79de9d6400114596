"""Where a run's time goes outside its stages: one run of the DAG on the demo's services, task by task.

    python tests/bench/dag_overhead.py [shipped]

With `shipped` the section orchestration is the one of pipeline.yaml. Columns, in seconds: `wait` from the end of the
task before to the start of this one (scheduler and executor), `start` until the DAG file is read in the worker, `send`
until the job is submitted (SSH, hashes, files there), `stage` by its manifest, `around` what is left until the results
are in the store (the interpreter's start, noticing the end, a deferral's way back, files here), `close` the rest.
"""

import os
import subprocess
import sys
import tempfile
import urllib.parse
from datetime import datetime
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "include" / "demo"
HOST_PYTHON = REPOSITORY / os.environ.get("HOST", ".venv/host/bin/python")
sys.path[:0] = [str(REPOSITORY / "plugins"), str(DEMO)]
RUN_SECONDS = 1800
COLUMNS = ("wait", "start", "send", "around", "stage", "close")


def main() -> int:
    """Run the DAG and print the table."""
    import yaml
    from services import Services
    from settings import Places, write_settings

    include = REPOSITORY / "include"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        register = include / "regulations" / "register.yaml"
        base = [HOST_PYTHON, DEMO / "base_model.py", "--corpus", register.parent, "--out", folder / "base"]
        subprocess.run([*base, "--steps", "2"], check=True, capture_output=True)
        (folder / "state").mkdir()
        (folder / "state" / "ports.json").write_text('{"ui": 0}')
        services = Services(folder / "state", folder / "config.yaml", register, Path(sys.executable), HOST_PYTHON)
        hosts = {host: services.host_folder(host) for host in ("02", "48")}
        store = folder / "artifacts"
        at = (include / "config", services.endpoint_url, folder / "base", store, HOST_PYTHON, hosts, services.ui_url)
        write_settings(services.config_path, Places(*at), {})
        if sys.argv[1:] == ["shipped"]:
            settings, shipped = (
                yaml.safe_load(path.read_text(encoding="utf-8"))
                for path in (services.config_path, include / "config" / "pipeline.yaml")
            )
            settings["orchestration"] = shipped["orchestration"]
            services.config_path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        with services:
            run_id = services.api.trigger({"effective_date": "2025-07-01"})
            state = services.api.wait(run_id, RUN_SECONDS)
            show(services.api, run_id, store / "runs" / str(services.api.xcom(run_id, "open_run")))
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"the run ended with {state}; load of this machine over 1, 5, 15 minutes: {load}, {os.cpu_count()} cores")
    return 0 if state == "success" else 1


def show(api: Any, run_id: str, folder: Path) -> None:
    """Print a line for each task, the sums, and the share outside the stages."""
    from regtune.artifacts import read_manifest

    run = api.run(run_id)
    begin, end = (datetime.fromisoformat(run[name]) for name in ("start_date", "end_date"))
    sums, before = dict.fromkeys(COLUMNS, 0.0), begin
    print(f"{'task':<12}" + "".join(f"{column:>9}" for column in COLUMNS))
    for task in sorted(api.tasks(run_id), key=lambda task: str(task["start_date"])):
        manifest = read_manifest(folder, task["task_id"])
        spent = spent_by(api, run_id, task, before, manifest.seconds if manifest is not None else 0.0)
        beside = spent["wait"] < 0  # the second of the two checks runs beside the first
        sums = {column: sums[column] + (0.0 if beside else spent[column]) for column in COLUMNS}
        print(f"{task['task_id']:<12}" + "".join(f"{spent[column]:9.1f}" for column in COLUMNS))
        before = max(before, datetime.fromisoformat(task["end_date"]))
    print(f"{'sum':<12}" + "".join(f"{sums[column]:9.1f}" for column in COLUMNS))
    wall = (end - begin).total_seconds()
    print(f"run {wall:.0f} s, outside stages {1 - sums['stage'] / wall:.0%}")


def spent_by(api: Any, run_id: str, task: dict[str, Any], before: datetime, stage: float) -> dict[str, float]:
    """Read the moments of a task off its log; a moment that it has none of is that of the step before."""
    start, end = (datetime.fromisoformat(task[name]) for name in ("start_date", "end_date"))
    path = f"/dags/regtune/dagRuns/{urllib.parse.quote(run_id, safe='')}/taskInstances/{task['task_id']}"
    lines = api.request("GET", f"{path}/logs/{task['try_number']}?full_content=true")["content"]
    events = [
        (datetime.fromisoformat(line["timestamp"]), str(line["event"]))
        for line in lines
        if isinstance(line, dict) and line.get("timestamp")
    ]

    def moment(words: str, otherwise: datetime) -> datetime:
        return next((when for when, event in events if words in event), otherwise)

    read = moment("Worker startup parse complete", start)
    sent = moment(".pyz ", read)
    done = moment("results: ", end)
    spans = (start - before, read - start, sent - read, done - sent, end - done)
    wait, started, send, until_done, close = (span.total_seconds() for span in spans)
    figures = (wait, started, send, until_done - stage, stage, close)
    return dict(zip(COLUMNS, figures, strict=True))


if __name__ == "__main__":
    sys.exit(main())
