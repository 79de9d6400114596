"""What a stage on a host reads and makes, between the store and the host.

In: a run's name and a stage. Out: its inputs and the run's own code on the host; afterwards its outputs and its
manifest in the store. An input that the host made itself, and still has unchanged, is not sent.
"""

import logging
import posixpath
import tempfile
import time
from pathlib import Path

from regtune.artifacts import RUN_FILE, file_record, is_recorded, read_json
from regtune.contracts import Manifest
from regtune.errors import ConfigurationError, PrerequisiteMissingError, UnusableInputError
from regtune.open_run import is_run_name
from regtune.orchestration.code_bundle import bundle_name
from regtune.orchestration.store import Store
from regtune.orchestration.transfer import HostFiles, sha256s_of_listing
from regtune.stage_table import STAGES

_log = logging.getLogger(__name__)
_CHECKS = ("check_02", "check_48")
_CLOCK_SECONDS = 30


def run_folder(base_dir: str, run_name: str) -> str:
    """Where a run lies on a host.

    Raises:
        ConfigurationError: that is no name that open_run gives.
    """
    if not is_run_name(run_name):
        raise ConfigurationError(f"run name {run_name!r}: not one that open_run gives; clear open_run.")
    return posixpath.join(base_dir, "runs", run_name)


def bundle_path(base_dir: str, code_sha256: str) -> str:
    """Where a run's code lies on a host."""
    return posixpath.join(base_dir, "code", bundle_name(code_sha256))


def send_inputs(files: HostFiles, store: Store, run_name: str, stage: str, base_dir: str) -> None:
    """Bring the run's code, run.json and the stage's inputs to the host.

    Raises:
        PrerequisiteMissingError: an input is neither in the store nor on the host, or does not arrive.
    """
    spec, folder = store.spec(run_name), run_folder(base_dir, run_name)
    if stage in _CHECKS:
        _compare_clocks(files)
    optional = [name for name in STAGES[stage].optional_inputs if store.has(run_name, name)]
    names = [*STAGES[stage].inputs, *optional]
    with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        wanted = {bundle_path(base_dir, spec.code_sha256): store.fetch_code(spec.code_sha256, Path(temporary))}
        store.fetch(run_name, RUN_FILE, Path(temporary) / RUN_FILE)
        wanted[posixpath.join(folder, RUN_FILE)] = Path(temporary) / RUN_FILE
        expected: dict[str, str | None] = {target: file_record(path).sha256 for target, path in wanted.items()}
        places = {posixpath.join(folder, name).rstrip("/"): name for name in names}
        there = files.listings([*wanted, *places])
        for target, name in places.items():
            expected[target] = store.expected_sha256(run_name, name)
            wanted[target] = Path(temporary) / name
        kept = {target for target in there if expected[target] in sha256s_of_listing(there[target])}
        for target in places.keys() - kept:
            store.fetch(run_name, places[target], wanted[target])
        missing = {target: path for target, path in wanted.items() if target not in kept}
        sent = files.send(missing) if missing else 0
    _log.info("inputs: %d already on the host, %d bytes sent", len(kept), sent)


def _compare_clocks(files: HostFiles) -> None:
    """Warn of a host whose clock is wrong: its logs, deadlines and certificates are then too."""
    started = time.time()
    status, answer, _ = files.run("date +%s")
    if status == 0 and answer.strip().isdigit():
        seconds = int(answer) - (started + time.time()) / 2
        if abs(seconds) > _CLOCK_SECONDS:
            _log.warning("the host's clock is %+.0f s against the scheduler's; let both keep time by NTP", seconds)


def fetch_outputs(
    files: HostFiles, store: Store, run_name: str, stage: str, base_dir: str, *, keep_adapter: bool
) -> Manifest:
    """Bring what a finished stage made into the store, its manifest last.

    Args:
        files: of the host that ran the stage.
        store: of the run.
        run_name: from open_run.
        stage: its name.
        base_dir: of the host.
        keep_adapter: False leaves adapter/ on the host.

    Raises:
        PrerequisiteMissingError: the host has no manifest, or a file does not arrive.
        UnusableInputError: a file is not what the manifest says.
    """
    folder, manifest_name = run_folder(base_dir, run_name), f"{stage}.manifest.json"
    with tempfile.TemporaryDirectory(prefix="regtune-") as temporary:
        local = Path(temporary)
        text = files.text(posixpath.join(folder, manifest_name))
        if text is None:
            raise PrerequisiteMissingError(f"{stage}: {folder} on the host has no manifest of it; clear {stage}.")
        (local / manifest_name).write_text(text, encoding="utf-8")
        manifest = read_json(local / manifest_name, Manifest)
        known = store.manifest(run_name, stage)
        brought = [
            name
            for name, record in manifest.outputs.items()
            if (keep_adapter or not name.startswith("adapter/"))
            and not (known is not None and known.outputs.get(name) == record and store.has(run_name, name))
        ]
        files.fetch({posixpath.join(folder, name).rstrip("/"): local / name for name in brought})
        for name in brought:
            if not is_recorded(local / name, manifest.outputs[name].sha256):
                raise UnusableInputError(f"{name}: is not what {stage} made on the host; clear {stage}.")
            store.put(run_name, name, local / name)
        store.put(run_name, manifest_name, local / manifest_name)
    return manifest
