"""The run that a new one is compared with: the last accepted one of the same or an earlier date.

In: the store and the new run's recipe. Out: the files that compare and the gate read, and history.json for the report,
in the new run's folder. Never a later date's: a backfill of an earlier date is compared with what was before it.
"""

import json
import logging
import tempfile
from pathlib import Path

from regtune import champion
from regtune.artifacts import read_json, write_text
from regtune.benchmark.history import PastRun, past_run
from regtune.benchmark.results import Benchmark
from regtune.compare import read_previous
from regtune.contracts import RunSpec
from regtune.errors import RegtuneError
from regtune.open_run import PREVIOUS_FILES, add_previous
from regtune.orchestration.store import Store
from regtune.publish import CHAMPION, RESULT_FILES

_log = logging.getLogger(__name__)
_LOOKED_AT = 20
"""Accepted runs, newest first; a store of years is not read through."""


def bring_previous(store: Store, spec: RunSpec, run_dir: Path) -> str | None:
    """Lay the files of the earlier run into a freshly opened run folder; returns its name, None without one."""
    for name in previous_runs(store, spec):
        with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
            try:
                for file in PREVIOUS_FILES:
                    store.fetch(name, file, Path(temporary) / file)
                read_previous(Path(temporary))  # another version's files may be none to compare with
                add_previous(run_dir, Path(temporary))
            except RegtuneError as error:
                _log.warning("run %s is not compared with: %s", name, error)
                continue
        return name
    return None


def bring_history(store: Store, spec: RunSpec, run_dir: Path) -> int:
    """Write history.json of the earlier runs that were benchmarked; returns how many."""
    runs: list[PastRun] = []
    for name in previous_runs(store, spec):
        if not store.has(name, "benchmark.json"):
            continue
        with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
            path = Path(temporary) / "benchmark.json"
            try:
                store.fetch(name, path.name, path)
                manifest = store.manifest(name, "publish")
                promoted = manifest is not None and manifest.counts.get("decision") == "champion"
                runs.append(past_run(read_json(path, Benchmark), champion=promoted))
            except RegtuneError as error:  # of another version of regtune, or changed since
                _log.warning("run %s is not in the history: %s", name, error)
    entries = [run.model_dump(mode="json") for run in sorted(runs, key=lambda run: (run.as_of, run.run_name))]
    write_text(run_dir / "history.json", json.dumps({"runs": entries}, ensure_ascii=False, indent=2) + "\n")
    return len(runs)


def bring_champion(store: Store, run_name: str) -> None:
    """Lay the champion's pointer and results into a run's folder in the store, for publish to compare with.

    Raises:
        UnusableInputError: champion.json does not name runs with their dates.
    """
    pointer = store.pointer(champion.FILE)
    if pointer is None:
        return
    champion.checked(pointer, f"{store.url}/{champion.FILE}")
    with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        folder = Path(temporary)
        write_text(folder / champion.FILE, json.dumps(pointer, ensure_ascii=False))
        try:
            for name in RESULT_FILES:
                store.fetch(pointer["run_name"], name, folder / name)
        except RegtuneError as error:  # removed, or changed since: publish says that it could not compare
            _log.warning("the champion's results are not brought: %s", error)
            for name in RESULT_FILES:
                (folder / name).unlink(missing_ok=True)
        store.put(run_name, f"{CHAMPION}/", folder)


def previous_runs(store: Store, spec: RunSpec) -> list[str]:
    """Names of accepted runs that a run can follow, the best first.

    The best shares most regulations with it (a run of a few chosen ones is a poor measure of the whole corpus), then is
    of the latest date, then was made last. A run that was cut short for want of changes made no dataset.
    """
    wanted = {source.regulation_id for source in spec.sources}
    found: list[tuple[int, str, str, str]] = []
    for name in reversed(store.run_names()):
        if name[:10] > str(spec.as_of) or name == spec.run_name:
            continue
        try:
            manifest, sources = store.manifest(name, "publish"), store.spec(name).sources
        except RegtuneError as error:  # being removed, or broken
            _log.warning("run %s is passed over: %s", name, error)
            continue
        if manifest is None or manifest.counts.get("decision") == "unchanged":
            continue
        shared = wanted & {source.regulation_id for source in sources}
        found.append((len(shared), name[:10], manifest.started_at, name))
        if len(found) == _LOOKED_AT:
            break
    return [name for *_, name in sorted(found, reverse=True)]
