"""What runs on the scheduler itself, beside what the end-to-end tests show."""

import sys
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowRescheduleException
from airflow.sdk.execution_time.context import set_current_context

from regtune.errors import PrerequisiteMissingError
from regtune.orchestration.failures import GateRefusedFailure, LastWords, raise_for_exit_code
from regtune.orchestration.scheduler_tasks import _move, _run, open_run
from regtune.orchestration.store import Store


def test_a_command_shows_its_lines_and_hands_back_its_last_word(caplog: pytest.LogCaptureFixture) -> None:
    """Output and errors are in the task's log; the one line of a refusal is what the failure says."""
    caplog.set_level("INFO")
    script = "import sys; print('행 12개', flush=True); print('regtune: 거절: 2개', file=sys.stderr); sys.exit(3)"
    assert _run([sys.executable, "-c", script]) == (3, LastWords("거절: 2개"))
    assert [record.getMessage() for record in caplog.records] == ["행 12개", "regtune: 거절: 2개"]
    with pytest.raises(GateRefusedFailure, match="거절: 2개"):
        raise_for_exit_code("gate", 3, LastWords("거절: 2개"))


@pytest.mark.parametrize(
    ("given", "match"),
    [
        pytest.param({"effective_date": "1999-01-01"}, "no regulation is in force yet", id="before all regulations"),
        pytest.param({"effective_date": "2024-07-01", "skip": True}, "conf에 알 수 없는 키: skip", id="unknown key"),
        pytest.param({}, "기준일을 골라", id="no date"),
    ],
)
def test_what_cannot_be_run_is_told_before_the_wait_for_its_turn(given: dict[str, object], match: str) -> None:
    """Another run has the hosts: the task failed only after that had ended, hours later."""
    busy = {"other": {"open_run": "success", "stop": None, "publish": None}, "manual__1": {"open_run": "running"}}
    ti = SimpleNamespace(
        dag_id="regtune",
        run_id="manual__1",
        get_task_states=lambda **_: busy,
        get_dagrun_state=lambda *_: "running",
    )
    untouched = {"effective_date": None, "regulations": [], "skip_training": False, "force": False}
    untouched |= {f"quota_{name}": None for name in ("lookup", "procedure", "negative")}

    def opened(**params: object) -> None:
        with set_current_context({"ti": ti, "run_id": "manual__1", "params": {**untouched, **params}}):
            open_run()

    with pytest.raises(AirflowFailException, match=match):
        opened(**given)
    with pytest.raises(AirflowRescheduleException):
        opened(effective_date="2024-07-01")


def test_airflows_settings_do_not_reach_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections and secrets of Airflow's environment are not handed on."""
    monkeypatch.setenv("AIRFLOW_CONN_SECRET", "hunter2")
    script = "import os; print([name for name in os.environ if name.startswith('AIRFLOW')])"
    assert _run([sys.executable, "-c", script]) == (0, LastWords("[]"))


def test_a_backfill_of_an_earlier_date_does_not_take_the_champions_place(store: Store) -> None:
    """The pointer moves to a corpus of the same day or a later one, never back."""
    for as_of, expected in (("2024-07-01", "b"), ("2024-01-01", "b"), ("2024-07-01", "c"), ("2025-01-01", "d")):
        name = {"2024-01-01": "a", "2025-01-01": "d"}.get(as_of) or (
            "b" if store.pointer("champion.json") is None else "c"
        )
        _move(store, "champion.json", {"run_name": name, "as_of": as_of, "published_at": "2026-01-01T00:00:00+00:00"})
        pointer = store.pointer("champion.json")
        assert pointer is not None
        assert pointer["run_name"] == expected


def test_a_stage_without_its_run_is_a_missing_prerequisite(store: Store) -> None:
    """A task whose run is not in the store says to clear open_run."""
    with pytest.raises(PrerequisiteMissingError, match=r"run.json: not there; clear open_run"):
        store.spec("2024-07-01-0123456789ab")
