"""What the DAG does on the scheduler itself: open_run, compare, gate, split, publish.

In: the run's context and the store. Out: artifacts in the store. A stage runs as it does on a host, by the run's own
zipapp in a process of its own, so that its memory goes with it and Great Expectations is imported nowhere else.
"""

import logging
import os
import subprocess
import sys
import tempfile
from collections import deque
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, get_current_context

from regtune import champion
from regtune.artifacts import RUN_FILE, write_json
from regtune.contracts import Manifest, RunSpec
from regtune.errors import GateRefusedError
from regtune.open_run import HOUSEKEEPING, plan_run
from regtune.open_run import open_run as write_run
from regtune.orchestration.code_bundle import bundle_name, write_bundle
from regtune.orchestration.failures import LastWords, last_words_of, one_line, raise_for_exit_code
from regtune.orchestration.form import requested
from regtune.orchestration.register_copy import brought, place_of
from regtune.orchestration.retention import clear_store, housekeeping
from regtune.orchestration.settings import PROMPTS, current_config, register_address
from regtune.orchestration.store import Store
from regtune.orchestration.turn import take_turn
from regtune.prompts import load_prompts
from regtune.regulations.register import sources_in_force
from regtune.stage_table import STAGES

_log = logging.getLogger(__name__)
_LAST_LINES = 100
ADAPTER = Asset(name="regtune_adapter", uri="x-regtune://adapter")
"""Has an event when another adapter becomes champion; for whoever serves it."""


def open_run() -> str:
    """Freeze the recipe of the run and bring it, its PDFs and its code into the store; returns the run's name.

    What cannot be run is told before the run waits for its turn, not after.
    """
    context, config = get_current_context(), current_config()
    with one_line():
        request = requested(context["params"], context.get("data_interval_start"), str(context["run_id"]))
        if not context.get("task_reschedule_count"):
            sources_in_force(place_of(register_address()).register(), request.as_of, request.regulation_ids)
    take_turn(context["ti"], config.orchestration.turn_seconds)
    with one_line(), tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        store, folder = Store(config.publish.store), Path(temporary)
        with brought(register_address(), request.as_of) as register:
            spec = plan_run(register, config, load_prompts(PROMPTS), request)
            write_run(folder / spec.run_name, spec, register.parent)
        previous = _previous(store, spec, folder / spec.run_name)
        keep = housekeeping(store, config.publish, spec.run_name, spec.code_sha256)
        write_json(folder / spec.run_name / HOUSEKEEPING, keep)
        write_bundle(folder / bundle_name(spec.code_sha256))
        store.put_code(folder / bundle_name(spec.code_sha256), spec.code_sha256)
        store.put_run(folder / spec.run_name)
    if request.regulation_ids and request.quota is None:
        _log.warning("일부 규정만 골랐지만 문항 수는 설정 그대로입니다: %s", spec.config.generate.quota)
        _log.warning("조문이 모자라면 generate가 실패합니다. Trigger 화면의 '문항 수'를 함께 줄이십시오.")
    sources = ", ".join(f"{source.title} ({source.effective_date})" for source in spec.sources)
    _log.info("run %s, corpus in force on %s: %s", spec.run_name, spec.as_of, sources)
    _log.info("compared with: %s", previous or "nothing, it is the first run")
    _log.info("results: %s", store.location(spec.run_name))
    return spec.run_name


def _previous(store: Store, spec: RunSpec, run_dir: Path) -> str | None:
    """What the run is compared with stays as it was once compare has looked at it."""
    from regtune.orchestration.previous import bring_history, bring_previous  # parsing needs none of it

    compared = store.manifest(spec.run_name, "compare")
    if compared is not None:
        return str(compared.counts["previous_run"])
    bring_history(store, spec, run_dir)
    return bring_previous(store, spec, run_dir)


def compare(run_name: str) -> bool:
    """Compare the corpus with the last accepted run's; False cuts the run short: nothing real has changed."""
    manifest = run_here("compare", run_name)
    if manifest.counts["short_cut"]:
        _log.info("no article changed since %s: serve to benchmark are skipped", manifest.counts["previous_run"])
        _log.info("to run all the same, trigger with force (처음부터 다시)")
    return not manifest.counts["short_cut"]


def gate(run_name: str) -> None:
    """Accept or refuse the dataset; what the gate found is in the store either way."""
    run_here("gate", run_name)


def split(run_name: str) -> None:
    """Split the accepted dataset, and tell whoever waits for the asset what is in it."""
    manifest = run_here("split", run_name)
    context = get_current_context()
    for asset in context["task"].outlets:
        context["outlet_events"][asset].extra = {"run_name": run_name, **manifest.counts}


def publish(run_name: str) -> str:
    """Write the headline, move the pointers of the store; returns the headline, which becomes the run's note.

    Whatever the decision, the asset event has it with the run's figures.
    """
    from regtune.orchestration.previous import bring_champion  # as in _previous

    store = Store(current_config().publish.store)
    if store.manifest(run_name, "publish") is None:  # what a decision rested on stays
        bring_champion(store, run_name)
    manifest = run_here("publish", run_name)
    context = get_current_context()
    pointer: dict[str, Any] = {
        "run_name": run_name,
        "as_of": str(store.spec(run_name).as_of),
        "dag_run_id": str(context["run_id"]),
        "published_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **manifest.counts,
    }
    decision = manifest.counts["decision"]
    if decision != "unchanged":
        _move(store, "latest.json", pointer)
    promoted = decision == "champion" and _move(store, champion.FILE, pointer)
    clear_store(store, current_config().publish, run_name)
    published = store.content(run_name, "publish.json")
    extra = {name: published[name] for name in ("run_name", "as_of", "decision", "headline", "reason", "figures")}
    for outlet in context["task"].outlets:
        if isinstance(outlet, Asset):
            context["outlet_events"][outlet].extra = extra
        elif promoted:
            context["outlet_events"][outlet].add(ADAPTER, extra=extra)
    return str(manifest.counts["headline"])


def run_here(stage: str, run_name: str) -> Manifest:
    """Run a stage in a temporary run folder made from the store, and bring back what it made.

    Raises:
        GateRefusedFailure: the gate refused; its report and Data Docs are in the store.
        AirflowException: any other failure.
    """
    with one_line(), tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        store, folder = Store(current_config().publish.store), Path(temporary) / run_name
        code = store.fetch_code(store.spec(run_name).code_sha256, Path(temporary))
        _fetch_inputs(store, run_name, stage, folder)
        exit_code, words = _run([sys.executable, str(code), stage, str(folder)])
        if exit_code in (0, GateRefusedError.exit_code):
            for name in STAGES[stage].outputs:
                store.put(run_name, name, folder / name)
        line = words.line.replace(str(folder), store.location(run_name))
        raise_for_exit_code(stage, exit_code, replace(words, line=line))
        store.put(run_name, f"{stage}.manifest.json", folder / f"{stage}.manifest.json")
        manifest = store.manifest(run_name, stage)
    assert manifest is not None
    _log.info("results: %s", store.location(run_name))
    return manifest


def _fetch_inputs(store: Store, run_name: str, stage: str, folder: Path) -> None:
    """Inputs, and what an earlier run of the stage made: then it finds itself finished."""
    for name in (RUN_FILE, *STAGES[stage].inputs):
        store.fetch(run_name, name, folder / name)
    finished = store.manifest(run_name, stage) is not None
    earlier = (*STAGES[stage].outputs, f"{stage}.manifest.json") if finished else ()
    for name in (*STAGES[stage].optional_inputs, *earlier):
        if store.has(run_name, name):
            store.fetch(run_name, name, folder / name)


def _run(command: list[str]) -> tuple[int, LastWords]:
    """Run a command, its lines in the task's log as they come; returns its exit code and its last words."""
    lines: deque[str] = deque(maxlen=_LAST_LINES)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    with subprocess.Popen(  # noqa: S603 - our own interpreter and zipapp
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env={**environment, "PYTHONUTF8": "1"},
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                _log.info("%s", line.rstrip())
                lines.append(line)
        finally:
            if process.poll() is None and sys.exc_info()[0] is not None:
                process.kill()  # the task was ended
    return process.returncode, last_words_of("".join(lines))


def _move(store: Store, name: str, pointer: dict[str, Any]) -> bool:
    """Point to the run; a backfill of an earlier date does not take the place of a later corpus."""
    with champion.alone(Path(store.url)) if store.local else nullcontext():
        current = store.pointer(name)
        if name == champion.FILE and current is not None:
            champion.checked(current, f"{store.url}/{name}")
        if current is not None and current["as_of"] > pointer["as_of"]:
            _log.info("%s stays at %s: its corpus is newer", name, current["run_name"])
            return False
        if name == champion.FILE:
            pointer = champion.moved(current, pointer, pointer["published_at"], "publish")
        store.point(name, pointer)
    _log.info("%s: %s", name, pointer["run_name"])
    return True
