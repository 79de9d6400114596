"""Claims about what is known of a reference model's server: read on this host, stated elsewhere, else a word on why."""

import asyncio
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import chat_server

from regtune.benchmark.efficiency import measure_endpoint
from regtune.benchmark.report_costs import energy, load, taken, weights
from regtune.benchmark.results import Efficiency
from regtune.benchmark.server_here import ServerHere, ready_after, server_here
from regtune.benchmark.systems import request_of
from regtune.config import PipelineConfig

FAKE = Path(__file__).with_name("fake_vllm.py")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of a process that lists its model's folder and writes vLLM's lines into a file."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"0" * 1000)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(FAKE), "--port", str(port), "--model", str(tmp_path / "model")]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--served-model-name", "large"], stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}/models")
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


def measured(config: PipelineConfig, **stated: float) -> Efficiency:
    """Measure a server that tells nothing, with what configuration states."""
    reference = config.benchmark.reference.model_copy(update=stated)
    requests = [request_of([{"role": "system", "content": "전문가"}, {"role": "user", "content": "며칠?"}], 8, 1)]
    with chat_server(lambda _last, _request: "5일입니다.") as endpoint:
        benchmark = config.benchmark.model_copy(update={"reference": reference})
        return asyncio.run(measure_endpoint("reference", endpoint, requests, benchmark))


def test_a_vllm_server_on_this_host_is_read(server: str, tmp_path: Path) -> None:
    """Its list of models names the folder, its log the memory, and how long it took until it was ready."""
    found = server_here(server, "large", "none")
    assert found == ServerHere(tmp_path / "model", int(15.25 * (1 << 30)), int(52.5 * (1 << 30)), 30.0)


def test_a_server_elsewhere_is_not_looked_for() -> None:
    """The process behind the same port of this host is another one."""
    assert server_here("https://models.example.com:8000/v1", "large", "none") == ServerHere()


def test_a_log_without_its_last_line_tells_no_time() -> None:
    """A server that is not ready, or another program's log."""
    assert ready_after("INFO 12-31 23:59:50 loading\n") is None
    assert ready_after("Application startup complete") is None


def test_what_configuration_states_is_marked_so(config: PipelineConfig) -> None:
    """Never shown as measured."""
    found = measured(config, weights_gib=57.0, gpu_memory_gib=61.5, load_seconds=106.0, joules_per_answer=179.0)
    assert weights(found) == "57.00 GiB (설정값)"
    assert taken(found) == "61.50 GiB · 설정값"
    assert load(found) == "106.0초 (설정값)"
    assert energy(found, found.speeds[0]) == "179.0 J (설정값)"
    assert "설정값" not in energy(found, found.speeds[-1])


def test_what_nobody_knows_is_a_word_and_no_dash(config: PipelineConfig) -> None:
    """A reader learns why."""
    found = measured(config)
    told = [weights(found), taken(found), load(found), energy(found, found.speeds[0])]
    assert told == ["엔드포인트가 알려 주지 않음"] * 4
