"""What a host is asked for before any GPU is used: interpreter, packages, disk, GPUs, ports, clock, models, endpoints.

In: the run's recipe, which names what is needed. Out: a line for each finding with what to do about it, and one error
that names everything missing. What only deserves a look is a warning and blocks nothing. Takes seconds; loads no model.
"""

import logging
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from regtune.artifacts import read_json
from regtune.config import EndpointConfig
from regtune.connections import api_key
from regtune.contracts import Housekeeping, RunSpec, StageResult
from regtune.errors import PrerequisiteMissingError
from regtune.hosts.clear_up import clear_up
from regtune.hosts.clock import check_clock_of
from regtune.hosts.findings import Findings
from regtune.hosts.gpus import read_gpu_processes, read_gpus
from regtune.hosts.packages import locked_versions, missing_packages, other_versions
from regtune.open_run import HOUSEKEEPING
from regtune.served import served_models
from regtune.stage_table import STAGES

_log = logging.getLogger(__name__)
_GIB = 1 << 30
_OLDEST_PYTHON = (3, 10)
_PROCESSES_TOLD = 5


def concluded(found: Findings, run_dir: Path, spec: RunSpec) -> StageResult:
    """Remove what earlier runs left on the host, which may be what is missing now, and return the counts.

    Raises:
        PrerequisiteMissingError: something is missing; names all of it.
    """
    keep = _housekeeping(run_dir)
    removed = clear_up(run_dir, spec, keep) if keep is not None else {}
    if found.missing:
        raise missing_on(found)
    gone = {f"removed_{name}": count for name, count in removed.items() if count}
    return StageResult(counts={"checks": found.looked_at, "warnings": found.warnings, **gone})


def missing_on(found: Findings) -> PrerequisiteMissingError:
    """Make the error that names everything that is missing."""
    return PrerequisiteMissingError(f"host {found.host} lacks: {'; '.join(found.missing)}. See include/hosts.")


def _housekeeping(run_dir: Path) -> Housekeeping | None:
    path = run_dir / HOUSEKEEPING
    return read_json(path, Housekeeping) if path.is_file() else None


def check_host(found: Findings, run_dir: Path, spec: RunSpec) -> None:
    """Look at what every host needs."""
    host = spec.config.hosts.named(found.host)
    keep = _housekeeping(run_dir)
    version = ".".join(map(str, sys.version_info[:3]))
    found.expect(
        sys.version_info >= _OLDEST_PYTHON,
        f"Python 3.10 or newer (this is {version}, {sys.executable})",
        f"point hosts.{found.host}.python to another interpreter",
    )
    _check_packages(found, keep.pins[found.host] if keep is not None else locked_versions(found.host))
    free = shutil.disk_usage(run_dir).free / _GIB
    found.expect(
        free >= host.min_free_gib,
        f"disk: {free:.1f} GiB free, {host.min_free_gib:g} needed, at {run_dir}",
        "remove files there, or lower publish.keep_days",
    )
    _check_gpus(found, host.min_gpu_free_gib)


def _check_packages(found: Findings, pins: Mapping[str, str]) -> None:
    packages = list(dict.fromkeys(p for stage in STAGES.values() if stage.host == found.host for p in stage.packages))
    absent = missing_packages(packages)
    install = f"pip install -r include/hosts/requirements-{found.host}.lock"
    found.expect(not absent, f"packages {', '.join(absent or packages)}", install)
    others = other_versions(packages, pins)
    if others:
        found.warn(f"versions that are not the lock file's: {', '.join(others)}", install)


def _check_gpus(found: Findings, needed_gib: float) -> None:
    """Driver and memory; where memory is short, who holds it. A host that needs no GPU is not asked for one."""
    if not needed_gib:
        return
    try:
        gpus, processes = read_gpus(), read_gpu_processes()
    except OSError as error:
        found.expect(False, f"GPU: {error}; {needed_gib:g} GiB needed", "install the NVIDIA driver")  # noqa: FBT003
        return
    for gpu in gpus:
        memory = f"{gpu.free_gib:.0f} of {gpu.total_gib:.0f} GiB free"
        found.expect(True, f"GPU {gpu.index}: {gpu.name}, driver {gpu.driver}, {memory}")  # noqa: FBT003
    holders = ", ".join(f"{p.name} (pid {p.pid}, {p.owner}, {p.used_gib:.0f} GiB)" for p in processes[:_PROCESSES_TOLD])
    listing = ", ".join(f"{gpu.free_gib:.0f}" for gpu in gpus) or "none"
    found.expect(
        max((gpu.free_gib for gpu in gpus), default=0.0) >= needed_gib,
        f"GPU memory free: {listing} GiB, {needed_gib:g} needed on one; held by {holders or 'nobody that can be seen'}",
        f"end what holds it, or lower hosts.{found.host}.min_gpu_free_gib",
    )


def check_file(found: Findings, setting: str, path: str, inside: str = "") -> None:
    """Look whether a setting names a file, or a folder that holds one."""
    what = f"{setting} {path or '(not set)'}"
    found.expect((Path(path) / inside).is_file(), what, f"put the file there, or correct {setting}")


def check_port(found: Findings, setting: str, port: int, endpoint: EndpointConfig) -> None:
    """Look whether a server can be started on a port, or the wanted one listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - as the server will; closed at once
        except OSError:
            pass
        else:
            found.expect(True, f"{setting} {port} is free")  # noqa: FBT003
            return
    try:
        served = endpoint.model in served_models(f"http://127.0.0.1:{port}/v1", api_key(endpoint))
    except (OSError, ValueError, PrerequisiteMissingError):
        served = False
    remedy = f"end what listens there (ss -ltnp 'sport = :{port}'), or change {setting}"
    found.expect(served, f"{setting} {port}: {'serves' if served else 'is taken, and not by'} {endpoint.model}", remedy)


def check_endpoint(found: Findings, name: str, endpoint: EndpointConfig) -> None:
    """Look whether every address answers and knows the model, and whether the clocks agree."""
    try:
        key = api_key(endpoint)
    except PrerequisiteMissingError as error:
        found.expect(False, f"endpoint {name}: {error}")  # noqa: FBT003 - reads as a sentence
        return
    for url in endpoint.base_urls:
        try:
            models = served_models(url, key)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            remedy = f"start it, or correct endpoints.{name}.base_urls"
            found.expect(False, f"endpoint {name} at {url}: does not answer ({reason})", remedy)  # noqa: FBT003
            continue
        served = endpoint.model in models
        known = "" if served else f" (it has {models})"
        found.expect(served, f"endpoint {name} at {url}: {endpoint.model}{known}", f"correct endpoints.{name}.model")
        check_clock_of(found, url)
