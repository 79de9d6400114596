"""make bench: the figures that the documents of this repository name, measured here and now, side by side.

Runs in the scheduler's environment and starts the hosts' one for what runs there. It passes no judgement.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOST_PYTHON = REPOSITORY / ".venv" / "host" / "bin" / "python"
REPEATS = 5
SUBJECTS = (
    (HOST_PYTHON, "parse_speed"),
    (HOST_PYTHON, "parse_quality"),
    (HOST_PYTHON, "chunk_evenness"),
    (HOST_PYTHON, "diff_statutes"),
    (HOST_PYTHON, "duplicates_scale"),
    (HOST_PYTHON, "validate_quality"),
    (HOST_PYTHON, "revision_cost"),
    (HOST_PYTHON, "generate_plan"),
    (HOST_PYTHON, "generate_yield"),
    (HOST_PYTHON, "generate_concurrency"),
    (HOST_PYTHON, "generate_client"),
    (HOST_PYTHON, "generate_outage"),
    (HOST_PYTHON, "generate_memory", "15000"),
    (HOST_PYTHON, "score_quality"),
    (HOST_PYTHON, "judge_simulation"),
    (HOST_PYTHON, "benchmark_cost"),
    (HOST_PYTHON, "training_floor"),
    (sys.executable, "page_speed"),
    (sys.executable, "dag_overhead"),
)

IMPORTS = """
import json, os, runpy, sys, time
started = time.perf_counter()
import airflow.sdk, airflow.timetables.events, airflow.providers.ssh.operators.ssh_remote_job
import airflow.providers.ssh.triggers.ssh_remote_job
airflow_seconds = time.perf_counter() - started
sys.path.append("plugins")
started, processor = time.perf_counter(), time.process_time()
runpy.run_path("dags/regtune.py")
print(json.dumps([airflow_seconds, time.perf_counter() - started, time.process_time() - processor]))
"""


def main() -> int:
    """Print every figure."""
    lines_of_code()
    dag_import()
    for interpreter, module, *arguments in SUBJECTS:
        print(f"\n== {module}", flush=True)
        subprocess.run(
            [interpreter, REPOSITORY / "tests" / "bench" / f"{module}.py", *arguments], check=True, cwd=REPOSITORY
        )
    return 0


def lines_of_code() -> None:
    """Non-blank lines of Python, by folder."""
    listing = subprocess.run(["git", "ls-files", "*.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    lines: dict[str, int] = {}
    for name in listing.stdout.split():
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        lines[name.split("/")[0]] = lines.get(name.split("/")[0], 0) + sum(
            1 for line in text.split("\n") if line.strip()
        )
    print("lines of Python, blank ones aside: " + ", ".join(f"{folder} {count}" for folder, count in lines.items()))


def dag_import() -> None:
    """What the DAG file costs beyond Airflow's own imports, in fresh processes."""
    runs = [_run(IMPORTS) for _ in range(REPEATS)]
    airflow, beyond, processor = (statistics.median(run[index] for run in runs) for index in range(3))
    print(
        f"DAG import, median of {REPEATS}: Airflow's own {airflow:.2f} s, dags/regtune.py beyond it {beyond:.2f} s "
        f"({processor:.2f} s of processor time)"
    )


def _run(program: str) -> Sequence[float]:
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    measured: list[float] = json.loads(output.strip().splitlines()[-1])
    return measured


if __name__ == "__main__":
    sys.exit(main())
