"""Where a run's time went, read off its log."""

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "include" / "demo"))

from airflow_api import AirflowApi  # noqa: E402 - a script's neighbour, not a package
from breakdown import COLUMNS, breakdown  # noqa: E402 - the same

BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def at(seconds: float) -> str:
    """A moment of the run."""
    return (BEGIN + timedelta(seconds=seconds)).isoformat()


class Told(AirflowApi):
    """An Airflow of one finished run, which waited for its turn: open_run came back twice."""

    def __init__(self) -> None:
        """Nobody is asked."""
        super().__init__("http://127.0.0.1:1", "", "")

    def request(self, method: str, path: str, body: object | None = None) -> Any:
        """Answer as Airflow does."""
        assert (method, body) == ("GET", None)
        if path.endswith("/logs/1?full_content=true"):
            parsed, done = "Worker startup parse complete", "results: /store"
            lines = [(11, parsed), (72, parsed), (133, parsed), (135, done)] if "open_run" in path else [(141, parsed)]
            return {"content": [{"timestamp": at(when), "event": event} for when, event in lines]}
        if path.endswith("/taskInstances?limit=100"):
            times = {"open_run": (132, 136), "parse": (140, 150)}
            return {
                "task_instances": [
                    {"task_id": name, "try_number": 1, "start_date": at(start), "end_date": at(end)}
                    for name, (start, end) in times.items()
                ]
            }
        return {"start_date": at(0), "end_date": at(150)}


def test_a_run_that_waited_for_its_turn_has_no_negative_times(tmp_path: Path) -> None:
    """Of a task that came back only the last start counts; what an earlier try ran is not its."""
    (tmp_path / "parse.manifest.json").write_text(f'{{"started_at": "{at(20)}", "seconds": 30.0}}')
    found = breakdown(Told(), "run", tmp_path)
    assert all(spent[column] >= 0 for spent in found.tasks.values() for column in COLUMNS)
    waited = dict(zip(COLUMNS, (132.0, 1.0, 0.0, 2.0, 0.0, 0.0, 1.0), strict=True))
    assert found.tasks["open_run"] == waited
    assert sum(sum(spent.values()) for spent in found.tasks.values()) == found.wall_seconds
