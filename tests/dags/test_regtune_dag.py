"""The rules that the DAG keeps on a scheduler shared with others."""

import importlib.util
import itertools
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HEAVY = (
    "torch", "transformers", "pandas", "numpy", "great_expectations", "pymupdf", "konlpy", "sklearn", "openai",
    "matplotlib", "tiktoken",
)  # fmt: skip
OWN_SECONDS = 0.5
CHAIN = [
    "open_run", "parse", "chunk", "compare", "serve", "generate", "validate", "gate", "split", "train", "benchmark",
    "publish",
]  # fmt: skip


def in_airflow(script: str, home: Path) -> Any:
    """Run a script in a fresh interpreter as Airflow's processes find it; gives the JSON it prints last."""
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
    }
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "REGTUNE", "PYTHON"))
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**inherited, **settings}, capture_output=True, text=True, check=False, cwd=home, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def dag(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Import dags/regtune.py, which has the package's name, as Airflow does: by its path."""
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
    specification = importlib.util.spec_from_file_location("dag_under_test", REPOSITORY / "dags" / "regtune.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.dag


def test_it_is_light(tmp_path: Path) -> None:
    """The file is parsed in under half a second beyond Airflow's own import, and imports nothing heavy."""
    script = f"""
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
import airflow.sdk, airflow.timetables.events, airflow.providers.standard.operators.python
import airflow.providers.ssh.operators.ssh_remote_job
def parse():
    started = time.process_time()
    bag = DagBag({str(REPOSITORY / "dags")!r})
    assert not bag.import_errors, bag.import_errors
    assert list(bag.dags) == ["regtune"]
    return time.process_time() - started
seconds = parse()
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print(json.dumps({{"seconds": seconds, "heavy": heavy}}))
"""
    told = in_airflow(script, tmp_path)
    assert told["heavy"] == []
    assert told["seconds"] < OWN_SECONDS


def test_scanning_the_plugins_folder_executes_nothing_of_the_package(tmp_path: Path) -> None:
    """Airflow loads the one plugin file; no module of the package runs under a bare name, none of its stages at all."""
    script = """
import json, sys
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
loaded = sorted(name for name, file in files.items() if "/plugins/regtune" in file)
print(json.dumps({"plugins": [plugin.name for plugin in plugins], "errors": errors, "loaded": loaded}))
"""
    told = in_airflow(script, tmp_path)
    assert told["errors"] == {}
    assert "regtune" in told["plugins"]
    by_bare_name = [name for name in told["loaded"] if not name.startswith("regtune")]
    assert by_bare_name == []
    assert set(told["loaded"]) <= {
        "regtune",
        "regtune_plugin",
        "regtune.orchestration",
        "regtune.orchestration.alerts_deadline",
        "regtune.orchestration.alerts_run_end",
        "regtune.orchestration.backfill_runs",
        "regtune.orchestration.callbacks",
        "regtune.orchestration.ended_by_hand",
        "regtune.orchestration.failed_by_hand",
        "regtune.orchestration.page",
        "regtune.orchestration.page.addresses",
        "regtune.orchestration.register_watch",
        "regtune.orchestration.run_note",
        "regtune.orchestration.timetable",
    }


def test_it_reads_like_the_process(dag: Any) -> None:
    """From open_run to publish each task follows the one that the process has before it."""
    for upstream, downstream in itertools.pairwise(CHAIN):
        if upstream != "open_run":
            assert downstream in dag.get_task(upstream).downstream_task_ids
    assert dag.get_task("open_run").downstream_task_ids == {"check_02", "check_48"}
    assert dag.get_task("parse").upstream_task_ids == {"check_02", "check_48"}
    assert set(dag.task_ids) == {*CHAIN, "check_02", "check_48", "stop"}


def test_the_model_server_goes_down_whatever_happens(dag: Any) -> None:
    """The task stop is the teardown of serve, and its success does not make the run a success."""
    serve, stop = dag.get_task("serve"), dag.get_task("stop")
    assert serve.is_setup
    assert stop.is_teardown
    assert stop.upstream_task_ids == {"serve", "generate"}
    assert not stop.on_failure_fail_dagrun


def test_the_gate_is_not_retried(dag: Any) -> None:
    """Trying the same dataset again cannot change the verdict; every other task is retried as configured."""
    retries = {task.task_id: task.retries for task in dag.tasks}
    assert retries.pop("gate") == 0
    assert set(retries.values()) == {2}


def test_the_adapter_is_published_only_after_success_or_a_skip(dag: Any) -> None:
    """The task publish runs when training was skipped, and not when anything failed."""
    assert dag.get_task("publish").trigger_rule == "none_failed"


def test_every_task_keeps_to_its_pool(dag: Any) -> None:
    """Each task is in a pool of regtune's own, and each of these has one slot that a deferred task keeps."""
    pools = json.loads((REPOSITORY / "include" / "pools.json").read_text(encoding="utf-8"))
    assert {task.pool for task in dag.tasks} == set(pools)
    assert all(pool["slots"] == 1 and pool["include_deferred"] is True for pool in pools.values())


def test_a_remote_task_is_one_command(dag: Any) -> None:
    """The host is given one command of plain words: interpreter, zipapp, stage, run folder and env file."""
    from regtune.orchestration.remote_stage import RemoteStageOperator

    remote = [task for task in dag.tasks if isinstance(task, RemoteStageOperator)]
    assert len(remote) == 10
    for task in remote:
        task.run_name = "2024-07-01-0123456789ab"
        words = shlex.split(task.command_line("f" * 64), posix=True)
        base = task.host.base_dir
        assert words == [
            task.host.python, f"{base}/code/regtune-{'f' * 12}.pyz", task.task_id, f"{base}/runs/{task.run_name}",
            "--env-file", task.host.env_file,
        ]  # fmt: skip
        assert not set(task.command_line("f" * 64)) & set(";&|<>$`\n")


def test_it_runs_on_each_effective_date(dag: Any) -> None:
    """The timetable is the register's dates at UTC midnight; one run at a time; the past is left to backfills."""
    dates = [str(event.date()) for event in dag.timetable.event_dates]
    assert dates == ["2024-01-01", "2024-07-01", "2025-01-01", "2025-07-01"]
    assert all(event.hour == 0 and event.utcoffset().total_seconds() == 0 for event in dag.timetable.event_dates)
    assert (dag.max_active_runs, dag.catchup) == (1, False)


def test_a_revision_with_a_future_date_runs_on_that_date_by_itself(dag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a second before, and once; also when Airflow was down on the day, or parsed the file before it made the run.

    Airflow's own timetable passes over a date that is past, be it by a second: such a run was never made.
    """
    import pendulum
    from airflow.timetables import events
    from airflow.timetables.base import DataInterval, TimeRestriction

    timetable = type(dag.timetable).deserialize(json.loads(json.dumps(dag.timetable.serialize())))
    before, day = pendulum.datetime(2025, 1, 1), pendulum.datetime(2025, 7, 1)

    def next_date(now: pendulum.DateTime, last: pendulum.DateTime) -> Any:
        monkeypatch.setattr(events, "timezone", SimpleNamespace(utcnow=lambda: now))
        monkeypatch.setattr(pendulum, "now", lambda _: now)
        restriction = TimeRestriction(earliest=dag.start_date, latest=None, catchup=dag.catchup)
        info = timetable.next_dagrun_info(
            last_automated_data_interval=DataInterval.exact(last), restriction=restriction
        )
        return info and (info.logical_date, info.run_after)

    assert next_date(day.subtract(months=5), before) == (day, day)
    assert next_date(day.add(seconds=1), before) == (day, day)
    assert next_date(day.add(hours=23), before) == (day, day)
    assert next_date(day.add(hours=25), before) is None  # the page and the mail advise a backfill
    assert next_date(day.add(seconds=1), day) is None


def test_it_survives_serialization(tmp_path: Path) -> None:
    """What the scheduler reads back is the same DAG, the timetable of our own included."""
    script = f"""
import json
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
bag = DagBag({str(REPOSITORY / "dags")!r})
assert not bag.import_errors, bag.import_errors
dag = bag.dags["regtune"]
again = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
assert set(again.task_ids) == set(dag.task_ids)
assert again.timetable.serialize() == dag.timetable.serialize()
print(json.dumps(type(again.timetable).__name__))
"""
    assert in_airflow(script, tmp_path) == "EffectiveDates"


def test_everything_that_people_read_is_there(dag: Any) -> None:
    """The page and every task are explained in Korean, and a person can be asked."""
    for text in (dag.doc_md, *(task.doc_md for task in dag.tasks)):
        assert any("가" <= letter <= "힣" for letter in text)
    assert {task.owner for task in dag.tasks} == {"regtune"}
    assert "regtune" in dag.tags


def test_queue_and_priority_are_the_configurations(dag: Any) -> None:
    """Every task has the queue and the priority of the YAML file; only stop goes before its own."""
    from regtune.orchestration.settings import current_config

    wanted = current_config().orchestration
    assert {task.queue for task in dag.tasks} == {wanted.queue}
    priorities = {task.task_id: task.priority_weight for task in dag.tasks}
    assert priorities.pop("stop") == wanted.priority_weight + 1
    assert set(priorities.values()) == {wanted.priority_weight}


def test_another_register_is_another_asset(dag: Any) -> None:
    """What open_run names as its inlet changes with a revision: Airflow then tells the watcher."""
    from regtune.orchestration.register_watch import register_asset
    from regtune.orchestration.settings import register_path
    from regtune.regulations.register import Register, load_register

    register = load_register(register_path())
    [inlet] = dag.get_task("open_run").inlets
    assert (inlet.name, inlet.uri) == (register_asset(register).name, register_asset(register).uri)
    smaller = Register(regulations=register.regulations[:2])
    assert register_asset(smaller).uri != inlet.uri


def test_every_failure_is_told(dag: Any) -> None:
    """Each task has the alert as its failure callback."""
    from regtune.orchestration.alerts import tell_failure

    assert all(list(task.on_failure_callback) == [tell_failure] for task in dag.tasks)


def test_the_advised_backfill_ends_with_its_last_date_in_a_korean_airflow(tmp_path: Path) -> None:
    """Airflow's command line reads the advised dates as the timetable's, whatever its default time zone is."""
    script = """
import json, os, shlex
from datetime import date
os.environ["AIRFLOW__CORE__DEFAULT_TIMEZONE"] = "Asia/Seoul"
from airflow.cli.cli_parser import get_parser
from regtune.regulations.advice import backfill_command
told = get_parser().parse_args(shlex.split(backfill_command(date(2024, 1, 1), date(2025, 7, 1), "failed"))[1:])
print(json.dumps([told.from_date.timestamp(), told.to_date.timestamp(), told.max_active_runs]))
"""
    script = f"import sys; sys.path.insert(0, {str(REPOSITORY / 'plugins')!r})\n{script}"
    assert in_airflow(script, tmp_path) == [1704067200.0, 1751328000.0, 1]
