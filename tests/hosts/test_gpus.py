"""The GPUs of a host, read from what nvidia-smi prints; a program of that name plays it."""

import http.server
import os
import threading
from importlib.metadata import version
from pathlib import Path

import pytest

from regtune.config import EndpointConfig
from regtune.hosts.checks import Findings, _check_gpus, check_port
from regtune.hosts.gpus import read_gpu_processes, read_gpus
from regtune.hosts.packages import locked_versions, other_versions

SMI = """#!/bin/bash
case "$*" in
  *query-gpu*) echo "0, NVIDIA H200, 570.86.15, 143771, 81920"; echo "1, NVIDIA H200, 570.86.15, 143771, 143000" ;;
  *query-compute-apps*) echo "{pid}, 61440, /usr/bin/python3"; echo "999999999, [N/A], other, with a comma" ;;
esac
"""


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called nvidia-smi on the path."""
    (tmp_path / "nvidia-smi").write_text(SMI.format(pid=os.getpid()))
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.usefixtures("smi")
def test_driver_memory_and_holders_are_told() -> None:
    """Every GPU with its driver; every process with its owner, one of another container with a question mark."""
    first, second = read_gpus()
    assert (first.name, first.driver, first.free_gib) == ("NVIDIA H200", "570.86.15", 80.0)
    assert second.index == 1
    mine, other = read_gpu_processes()
    assert (mine.pid, mine.name, mine.used_gib) == (os.getpid(), "python3", 60.0)
    assert mine.owner == Path(f"/proc/{os.getpid()}").owner()
    assert (other.owner, other.name, other.used_gib) == ("?", "other, with a comma", 0.0)


@pytest.mark.usefixtures("smi")
@pytest.mark.parametrize(
    ("needed", "missing"), [pytest.param(100, False, id="fits"), pytest.param(200, True, id="not")]
)
def test_who_holds_the_memory_is_part_of_the_finding(needed: float, *, missing: bool) -> None:
    """Enough on one GPU is enough; too little names the processes and what to do."""
    found = Findings("48")
    _check_gpus(found, needed)
    assert bool(found.missing) is missing
    if missing:
        assert f"python3 (pid {os.getpid()}" in found.missing[0]
        assert "min_gpu_free_gib" in found.missing[0]


def test_a_host_without_a_driver_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No nvidia-smi is one finding; a host that needs no GPU is not asked."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = Findings("48")
    _check_gpus(found, 0)
    assert found.looked_at == 0
    _check_gpus(found, 20)
    assert "install the NVIDIA driver" in found.missing[0]


def test_a_port_that_something_else_holds_is_named() -> None:
    """A free port is fine; one on which another program listens is a finding with the way to find it."""
    endpoint = EndpointConfig(
        base_urls=("http://127.0.0.1:1/v1",), model="m", api_key_env=None, timeout_seconds=1, max_retries=0,
        concurrency=1, stand_in=False,
    )  # fmt: skip
    found = Findings("02")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        check_port(found, "serve.port", other.server_port, endpoint)
        other.shutdown()
    assert f"serve.port {other.server_port}: is taken, and not by m" in found.missing[0]
    assert "ss -ltnp" in found.missing[0]
    check_port(found, "serve.port", other.server_port, endpoint)
    assert len(found.missing) == 1


def test_versions_are_compared_with_the_lock() -> None:
    """What differs is named with both versions; another build of the same version is the same."""
    assert locked_versions("48")["torch"]
    pins = {"pydantic": "0.0.1", "pytest": f"{version('pytest')}+cu124", "absent": "1.0"}
    assert other_versions(["pydantic", "pytest", "absent"], pins) == [f"pydantic {version('pydantic')} (0.0.1)"]
