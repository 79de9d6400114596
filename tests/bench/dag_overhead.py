"""Where a run's time goes outside its stages: one run of the DAG on the demo's services, task by task.

    python tests/bench/dag_overhead.py [shipped]

With `shipped` the section orchestration is the one of pipeline.yaml. Columns: those of include/demo/breakdown.py,
which `make demo` prints of its own run.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "include" / "demo"
HOST_PYTHON = REPOSITORY / os.environ.get("HOST", ".venv/host/bin/python")
sys.path[:0] = [str(REPOSITORY / "plugins"), str(DEMO)]
BASE_MODEL = REPOSITORY / ".demo" / "models" / "stand-in-base"
"""The demo's own: another one answers at other lengths, and so in other times."""
RUN_SECONDS = 1800


def main() -> int:
    """Run the DAG and print the table."""
    import yaml
    from breakdown import breakdown, table
    from services import Services
    from settings import Places, write_settings

    include = REPOSITORY / "include"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        register = include / "regulations" / "register.yaml"
        base = [HOST_PYTHON, DEMO / "base_model.py", "--corpus", register.parent, "--out", BASE_MODEL]
        subprocess.run(base, check=True, capture_output=True)
        (folder / "state").mkdir()
        (folder / "state" / "ports.json").write_text('{"ui": 0}')
        services = Services(folder / "state", folder / "config.yaml", register, Path(sys.executable), HOST_PYTHON)
        hosts = {host: services.host_folder(host) for host in ("02", "48")}
        store = folder / "artifacts"
        at = (include / "config", services.endpoint_url, BASE_MODEL, store, HOST_PYTHON, hosts, services.ui_url)
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
            folder = store / "runs" / str(services.api.xcom(run_id, "open_run"))
            print(table(breakdown(services.api, run_id, folder)))
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"the run ended with {state}; load of this machine over 1, 5, 15 minutes: {load}, {os.cpu_count()} cores")
    return 0 if state == "success" else 1


if __name__ == "__main__":
    sys.exit(main())
