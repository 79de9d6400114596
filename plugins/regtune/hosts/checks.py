"""What a host is asked for before any GPU is used: interpreter, packages, disk, GPU memory, endpoints.

In: the run's recipe, which names what is needed. Out: a line for each finding, and one error that names everything
missing. Takes seconds; loads no model.
"""

import logging
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from regtune.config import EndpointConfig, HostName
from regtune.contracts import RunSpec, StageResult
from regtune.errors import PrerequisiteMissingError
from regtune.hosts.packages import missing_packages
from regtune.llm import api_key, served_models
from regtune.stage_table import STAGES

_log = logging.getLogger(__name__)
_GIB = 1 << 30
_OLDEST_PYTHON = (3, 10)


@dataclass
class Findings:
    """What was looked at on one host; every look is logged."""

    host: HostName
    missing: list[str] = field(default_factory=list)
    looked_at: int = 0

    def expect(self, there: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Note that `what` is there, or that it is missing."""
        self.looked_at += 1
        _log.info("%s %s", "ok     " if there else "MISSING", what)
        if not there:
            self.missing.append(what)


def concluded(found: Findings) -> StageResult:
    """Return the counts.

    Raises:
        PrerequisiteMissingError: something is missing; names all of it.
    """
    if found.missing:
        raise PrerequisiteMissingError(f"host {found.host} lacks: {'; '.join(found.missing)}. See include/hosts.")
    return StageResult(counts={"checks": found.looked_at})


def check_host(found: Findings, run_dir: Path, spec: RunSpec) -> None:
    """Look at what every host needs: Python, the packages of its stages, disk, GPU memory."""
    host = spec.config.hosts.named(found.host)
    version = ".".join(map(str, sys.version_info[:3]))
    found.expect(sys.version_info >= _OLDEST_PYTHON, f"Python 3.10 or newer (this is {version}, {sys.executable})")
    packages = dict.fromkeys(p for stage in STAGES.values() if stage.host == found.host for p in stage.packages)
    absent = missing_packages(packages)
    found.expect(not absent, f"packages {', '.join(absent or packages)}")
    free = shutil.disk_usage(run_dir).free / _GIB
    found.expect(free >= host.min_free_gib, f"disk: {free:.1f} GiB free, {host.min_free_gib:g} needed, at {run_dir}")
    if host.min_gpu_free_gib:
        found.expect(*_gpu_memory(host.min_gpu_free_gib))


def _gpu_memory(needed_gib: float) -> tuple[bool, str]:
    command = ["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        output = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        return False, f"GPU: nvidia-smi does not answer ({type(error).__name__}); {needed_gib:g} GiB needed"
    free = [int(line) / 1024 for line in output.split() if line.isdigit()]
    listing = ", ".join(f"{gib:.0f}" for gib in free) or "none"
    return max(free, default=0.0) >= needed_gib, f"GPU memory free: {listing} GiB, {needed_gib:g} needed on one"


def check_endpoint(found: Findings, name: str, endpoint: EndpointConfig) -> None:
    """Look whether every address answers and knows the model."""
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
            found.expect(False, f"endpoint {name} at {url}: does not answer ({reason})")  # noqa: FBT003
            continue
        served = endpoint.model in models
        found.expect(served, f"endpoint {name} at {url}: {endpoint.model}{'' if served else f' (it has {models})'}")
