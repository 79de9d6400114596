"""Backfills through the REST API: one run for each effective date, in order, on the corpus of its day."""

import email
import email.policy
import html
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from whole_stage import Stage, create_backfill, wait_until

from regtune.artifacts import sha256_of_file
from regtune.cli import main
from regtune.stage_table import STAGES

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(2400)]
BACKFILL_SECONDS = 1500
CONF = {"regulations": ["service"], "skip_training": True}
FORCED = {**CONF, "force": True}
DAYS = ["2024-01-01", "2024-07-01", "2025-01-01"]


@contextmanager
def there(hold: Path) -> Iterator[None]:
    """A stage waits in the midst of its work as long as its file is there."""
    hold.touch()
    try:
        yield
    finally:
        hold.unlink()


def backfill(stage: Stage, days: Sequence[str], reprocess: str, **more: Any) -> list[dict[str, Any]]:
    """Start a backfill over a range of days and wait for its end; gives the DAG's backfilled runs by date."""
    api, started = stage.services.api, start(stage, days, reprocess, **more)

    def over() -> bool:
        return api.request("GET", f"/backfills/{started}")["completed_at"] is not None

    wait_until(over, BACKFILL_SECONDS)
    found = api.request("GET", "/dags/regtune/dagRuns?run_type=backfill&limit=100")["dag_runs"]
    runs: list[dict[str, Any]] = [run for run in found if run["run_type"] == "backfill"]
    return sorted(runs, key=lambda run: str(run["logical_date"]))


def start(stage: Stage, days: Sequence[str], reprocess: str, **more: Any) -> int:
    """Start a backfill, as many runs at once as Airflow starts when nobody says a number; gives its id."""
    ends = {"from_date": f"{days[0]}T00:00:00Z", "to_date": f"{days[-1]}T00:00:00Z"}
    behaviour = {"reprocess_behavior": reprocess, "run_backwards": False, "dag_run_conf": CONF}
    return create_backfill(stage.services, {**ends, **behaviour, **more})


@pytest.fixture(scope="module")
def first(stage: Stage) -> list[dict[str, Any]]:
    """Backfill a year and a day of the service rules."""
    stage.services.start_endpoint()
    return backfill(stage, DAYS, "none")


def names_of(stage: Stage, runs: Sequence[dict[str, Any]]) -> list[str]:
    """Names that open_run gave."""
    return [str(stage.services.api.xcom(run["dag_run_id"], "open_run")) for run in runs]


def test_each_effective_date_is_run_once_in_order(stage: Stage, first: list[dict[str, Any]]) -> None:
    """Three dates, three runs, each on the revision in force on its day."""
    assert [run["logical_date"][:10] for run in first] == DAYS, first
    assert [run["state"] for run in first] == ["success"] * 3, [stage.story(run["dag_run_id"]) for run in first]
    specs = [stage.store.spec(name) for name in names_of(stage, first)]
    assert [str(spec.as_of) for spec in specs] == DAYS
    assert [str(spec.sources[0].effective_date) for spec in specs] == ["2024-01-01", "2024-01-01", "2025-01-01"]


def test_no_two_dates_are_on_the_hosts_at_once(stage: Stage, first: list[dict[str, Any]]) -> None:
    """Nobody said how many at once: each run waits in Airflow's queue until the one before it has ended."""
    for earlier, later in itertools.pairwise(first):
        assert earlier["end_date"] <= later["start_date"]
        tasks = [
            {task["task_id"]: task for task in stage.services.api.tasks(run["dag_run_id"])} for run in (earlier, later)
        ]
        ended = max(task["end_date"] for task in tasks[0].values() if task["state"] == "success")
        assert ended <= tasks[1]["open_run"]["end_date"] <= tasks[1]["parse"]["start_date"]
    on_host = [_on_the_host(stage, name) for name in names_of(stage, first)]
    for (_, earlier_end), (later_start, _) in itertools.pairwise(on_host):
        assert earlier_end <= later_start


def _on_the_host(stage: Stage, run_name: str) -> tuple[datetime, datetime]:
    """When the first stage of a run on host 02 began and when the last one ended, by the host's clock."""
    manifests = [stage.store.manifest(run_name, name) for name, facts in STAGES.items() if facts.host == "02"]
    spans = [(datetime.fromisoformat(m.started_at), m.seconds) for m in manifests if m is not None]
    return min(begin for begin, _ in spans), max(begin + timedelta(seconds=seconds) for begin, seconds in spans)


def test_a_date_that_changes_nothing_is_cut_short(stage: Stage, first: list[dict[str, Any]]) -> None:
    """On 2024-07-01 the service rules are as before: no model is asked, the note says so, publish tells it."""
    api, run_id = stage.services.api, first[1]["dag_run_id"]
    states = api.task_states(run_id)
    skipped = {name for name, state in states.items() if state == "skipped"}
    assert skipped == {"serve", "generate", "stop", "validate", "gate", "split", "train", "benchmark"}
    assert (states["compare"], states["publish"]) == ("success", "success")
    assert "바뀐 조문이 없어" in api.run(run_id)["note"]
    assert "to run all the same, trigger with force" in api.log(run_id, "compare")


def test_a_revision_is_compared_with_the_last_accepted_run(stage: Stage, first: list[dict[str, Any]]) -> None:
    """2025-01-01 follows 2024-01-01, which made the last dataset, and names the article that is new."""
    names = names_of(stage, first)
    manifest = stage.store.manifest(names[2], "compare")
    assert manifest is not None
    assert manifest.counts["previous_run"] == names[0]
    assert manifest.counts["added"] >= 1
    assert stage.store.has(names[2], "previous_gate_report.json")
    generated = stage.store.manifest(names[2], "generate")
    assert generated is not None
    assert generated.counts["kept_pairs"] > generated.tokens["calls"]
    divided = stage.store.manifest(names[2], "split")
    assert divided is not None
    assert (divided.counts["kept_sides"], divided.counts["changed_sides"]) == (generated.counts["kept_pairs"], 0)


def test_a_run_cleared_below_open_run_leaves_the_hosts_to_the_run_that_has_them(
    stage: Stage, first: list[dict[str, Any]]
) -> None:
    """Airflow counts a backfill's runs apart and starts the cleared one at once; it waits until the other is over.

    Host 48 has nothing to do meanwhile: its pool would let the run in.
    """
    api, hold, cleared = stage.services.api, stage.thumb / "hold-chunk", first[0]["dag_run_id"]
    with there(hold):
        other = api.trigger({"effective_date": DAYS[1], **CONF})
        wait_until(lambda: any(" chunk " in command for command in stage.processes()), 300)
        body = {"dag_run_id": cleared, "task_ids": ["check_48"], "include_downstream": True, "only_failed": False}
        api.request("POST", "/dags/regtune/clearTaskInstances", {**body, "dry_run": False})
        stage.wait_for(cleared, "check_48", {"up_for_reschedule"})
    for run_id in (other, cleared):
        assert api.wait(run_id, BACKFILL_SECONDS) == "success", stage.story(run_id)
    ended = max(task["end_date"] for task in api.tasks(other) if task["state"] == "success")
    [waited] = [task for task in api.tasks(cleared) if task["task_id"] == "check_48"]
    assert ended <= waited["end_date"]
    assert "이(가) 먼저입니다" in api.log(cleared, "check_48", waited["try_number"])


def test_completed_runs_again_on_a_corrected_file_also_when_it_was_cancelled_in_between(
    stage: Stage, first: list[dict[str, Any]]
) -> None:
    """A PDF is corrected in the register; the backfill for it is cancelled in the midst of a run, which is failed.

    The job on the host ends, the store keeps what was accepted, and a backfill of what failed makes the rest.
    """
    api, hold = stage.services.api, stage.thumb / "hold-generate"
    accepted, ids = names_of(stage, first), [run["dag_run_id"] for run in first]
    corrected = stage.register_path.parent / "corrected.pdf"
    corrected.write_bytes((stage.register_path.parent / "service-2025-01-01.pdf").read_bytes() + b"%\n")
    words = ["register", "add", str(corrected), "--correct", "--yes", "--register", str(stage.register_path)]
    assert main(words) == 0
    with there(hold):
        started = start(stage, DAYS[1:], "completed", dag_run_conf=FORCED)
        wait_until(lambda: any(" generate " in command for command in stage.processes()), BACKFILL_SECONDS)
        api.request("PUT", f"/backfills/{started}/cancel")
        api.request("PATCH", f"/dags/regtune/dagRuns/{quote(ids[1], safe='')}", {"state": "failed"})
        wait_until(lambda: not any(" generate " in command for command in stage.processes()), 300)
    wait_until(lambda: [api.run(run_id)["state"] for run_id in ids] == ["success", "failed", "failed"], 300)
    latest = stage.store.pointer("latest.json")
    assert latest is not None
    assert latest["run_name"] == accepted[2]

    tries = _tries(stage, ids[0])
    runs = backfill(stage, DAYS, "failed", dag_run_conf=FORCED)
    assert [run["dag_run_id"] for run in runs] == ids
    assert [run["state"] for run in runs] == ["success"] * 3, [stage.story(run["dag_run_id"]) for run in runs]
    assert _tries(stage, ids[0]) == tries
    again = names_of(stage, runs)
    assert again[0] == accepted[0]
    assert not set(again[1:]) & set(accepted)
    assert stage.store.spec(again[2]).sources[0].sha256 == sha256_of_file(corrected)
    for name in again[1:]:  # fetching checks a file against its stage's word
        stage.store.fetch(name, "qa_pairs.jsonl", stage.thumb / name)
    assert stage.processes() == []
    wait_until(lambda: _notices(stage) != [], 300)
    assert "--from-date 2024-01-01T00:00:00+00:00 --to-date 2025-07-01T00:00:00+00:00" in _notices(stage)[0]


def _tries(stage: Stage, run_id: str) -> dict[str, int]:
    return {task["task_id"]: task["try_number"] for task in stage.services.api.tasks(run_id)}


def _notices(stage: Stage) -> list[str]:
    """Texts of the mails about the register that came after the correction."""
    texts = []
    for path in sorted(stage.services.mail_folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("html", "plain"))
        if "규정 등록부가 바뀌었습니다" in str(message["subject"]) and body is not None:
            texts.append(html.unescape(body.get_content()))
    return [text for text in texts if "다른 파일로 만들었거나" in text]
